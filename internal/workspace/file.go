package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// FileBytesMax bounds the text of a workspace file, in bytes.
const FileBytesMax = 4 << 20

// File is a workspace as a person writes it. Strings may hold references, ${NAME}, and "$${" where "${" itself is meant; see Expand.
type File struct {
	Apps         []FileApp         `json:"apps,omitempty"`
	Labels       []FileLabel       `json:"labels,omitempty"`
	Sources      []FileSource      `json:"sources,omitempty"`
	Destinations []FileDestination `json:"destinations,omitempty"`

	places places // where its values stand in the text that it was read from
}

// FileApp is an App in a File.
type FileApp struct {
	Slug               string   `json:"slug"`
	Name               string   `json:"name"`
	Key                string   `json:"key,omitempty"` // default: the one that it has, or a new one
	OldKeys            []string `json:"oldKeys,omitempty"`
	Region             string   `json:"region,omitempty"`
	SharedSecret       string   `json:"sharedSecret,omitempty"` // default: the one that it has, or a new one
	SignatureSecret    string   `json:"signatureSecret,omitempty"`
	CheckSignature     bool     `json:"checkSignature,omitempty"`
	AnonymousVisitors  bool     `json:"anonymousVisitors,omitempty"`
	AcceptIdentify     *bool    `json:"acceptIdentify,omitempty"` // default true
	AcceptGroup        *bool    `json:"acceptGroup,omitempty"`    // default true
	AccountFromContext bool     `json:"accountFromContext,omitempty"`
}

// FileLabel is a Label in a File.
type FileLabel struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// FileSource is a Source in a File.
type FileSource struct {
	Slug      string          `json:"slug"`
	Name      string          `json:"name"`
	Type      string          `json:"type"`
	Enabled   *bool           `json:"enabled,omitempty"` // default true
	WriteKeys []string        `json:"writeKeys"`
	Labels    []LabelRef      `json:"labels,omitempty"`
	Settings  json.RawMessage `json:"settings,omitempty"`
	Schema    json.RawMessage `json:"schema,omitempty"`
}

// FileDestination is a Destination in a File, with its mappings.
type FileDestination struct {
	Slug     string          `json:"slug"`
	Name     string          `json:"name,omitempty"`
	Source   string          `json:"source"` // slug
	Type     string          `json:"type"`
	Enabled  *bool           `json:"enabled,omitempty"` // default true
	Settings json.RawMessage `json:"settings,omitempty"`
	Mappings []FileMapping   `json:"mappings,omitempty"`
}

// FileMapping is a Mapping in a File.
type FileMapping struct {
	Name    string          `json:"name"`
	Action  string          `json:"action"`
	Enabled *bool           `json:"enabled,omitempty"` // default true
	Trigger string          `json:"trigger"`
	Fields  json.RawMessage `json:"fields,omitempty"`
}

// Parse reads a File from YAML, of which JSON is a part. What is wrong with it is an *InvalidError that says where.
func Parse(text []byte) (*File, error) {
	if len(text) > FileBytesMax {
		return nil, places{}.invalid("", fmt.Sprintf("the file has %d bytes; at most %d are taken", len(text), FileBytesMax))
	}
	doc, at, err := yamlToJSON(text)
	if err != nil {
		return nil, err
	}
	f := &File{}
	err = jsonv2.Unmarshal(doc, f, jsonv2.RejectUnknownMembers(true),
		jsonv2.WithUnmarshalers(jsonv2.JoinUnmarshalers(jsonv2.UnmarshalFromFunc(lenientString), jsonv2.UnmarshalFromFunc(rawJSON))))
	f.places = at
	if wrong, ok := errors.AsType[*jsonv2.SemanticError](err); ok {
		return nil, at.invalid(pointer(wrong.JSONPointer), explain(wrong))
	}
	if err != nil {
		return nil, at.invalid("", err.Error())
	}
	return f, nil
}

// lenientString reads a string, and a number as the text that it was written as: a key of 32 digits needs no quotes.
func lenientString(dec *jsontext.Decoder, s *string) error {
	if dec.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	v, err := dec.ReadValue()
	*s = string(v)
	return err
}

// rawJSON reads settings and fields: an object as it stands.
func rawJSON(dec *jsontext.Decoder, raw *json.RawMessage) error {
	if k := dec.PeekKind(); k != '{' && k != 'n' {
		return fmt.Errorf("want an object, got %s", k)
	}
	v, err := dec.ReadValue()
	if v.Kind() == '{' {
		*raw = json.RawMessage(compact(v))
	}
	return err
}

// explain says what is wrong with a value of a file in terms of the file.
func explain(wrong *jsonv2.SemanticError) string {
	switch {
	case errors.Is(wrong.Err, jsonv2.ErrUnknownName):
		return "there is no such field here; take it out, or mend its name"
	case wrong.Err != nil:
		return wrong.Err.Error()
	case wrong.GoType == nil:
		return wrong.Error()
	}
	want := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Struct: "an object"}[wrong.GoType.Kind()]
	got := map[jsontext.Kind]string{'"': "text", '0': "a number", 't': "true", 'f': "false", 'n': "null", '{': "an object", '[': "a list"}[wrong.JSONKind]
	return fmt.Sprintf("want %s, got %s", want, got)
}

// YAML writes the file; Parse reads it back. The same File gives the same bytes.
func (f *File) YAML() ([]byte, error) {
	doc, err := f.JSON()
	if err != nil {
		return nil, err
	}
	if string(doc) == "{}" {
		return []byte("{}\n"), nil
	}
	return jsonToYAML(doc), nil
}

// JSON writes the file as JSON; Parse reads it back.
func (f *File) JSON() ([]byte, error) {
	doc, err := encode(f)
	if err != nil {
		return nil, fmt.Errorf("write workspace file: %w", err)
	}
	return doc, nil
}
