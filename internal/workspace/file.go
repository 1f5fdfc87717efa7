package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/filter"
)

// FileBytesMax bounds the text of a workspace file, in bytes.
const FileBytesMax = 4 << 20

// File is a workspace as a person writes it. Strings may hold references, ${NAME}, and "$${" where "${" itself is meant; see Expand.
type File struct {
	Apps         []FileApp         `json:"apps,omitempty" doc:"Of the receiving side"`
	Labels       []FileLabel       `json:"labels,omitempty" doc:"What sources can be marked with"`
	Sources      []FileSource      `json:"sources,omitempty" doc:"Where events come from"`
	Destinations []FileDestination `json:"destinations,omitempty" doc:"Where events are delivered to"`

	places places // where its values stand in the text that it was read from
}

// FileApp is an App in a File.
type FileApp struct {
	Slug               string   `json:"slug" doc:"Lower-case letters, digits, dashes and underscores; unique"`
	Name               string   `json:"name"`
	Key                string   `json:"key,omitempty" doc:"32 hex digits, with or without dashes; it lets send, never read. Default: the one that it has, or a new one"`
	OldKeys            []string `json:"oldKeys,omitempty" doc:"Taken as well"`
	Region             string   `json:"region,omitempty"`
	SharedSecret       string   `json:"sharedSecret,omitempty" doc:"Default: the one that it has, or a new one"`
	SignatureSecret    string   `json:"signatureSecret,omitempty"`
	CheckSignature     bool     `json:"checkSignature,omitempty"`
	AnonymousVisitors  bool     `json:"anonymousVisitors,omitempty"`
	AcceptIdentify     *bool    `json:"acceptIdentify,omitempty" doc:"Default: true"`
	AcceptGroup        *bool    `json:"acceptGroup,omitempty" doc:"Default: true"`
	AccountFromContext bool     `json:"accountFromContext,omitempty"`

	Retention *AppRetention `json:"retention,omitempty"`
}

// FileLabel is a Label in a File.
type FileLabel struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// FileSource is a Source in a File.
type FileSource struct {
	Slug      string          `json:"slug" doc:"Lower-case letters, digits, dashes and underscores; unique"`
	Name      string          `json:"name"`
	Type      string          `json:"type" doc:"javascript, server, mobile, or the slug of a library, as GET /api/source-types lists them"`
	Enabled   *bool           `json:"enabled,omitempty" doc:"Default: true"`
	WriteKeys []string        `json:"writeKeys" doc:"1 to 20 keys of 8 to 128 letters, digits, dashes and underscores; unique"`
	Labels    []LabelRef      `json:"labels,omitempty" doc:"Each of them a label of the workspace"`
	Settings  json.RawMessage `json:"settings,omitempty" doc:"Kept for clients of the Public API"`
	Schema    json.RawMessage `json:"schema,omitempty" doc:"Kept for clients of the Public API"`
	Retention *Retention      `json:"retention,omitempty" doc:"How long the log keeps its events; default: as the server says"`
}

// FileDestination is a Destination in a File, with its filters and mappings.
type FileDestination struct {
	Slug     string          `json:"slug" doc:"Lower-case letters, digits, dashes and underscores; unique"`
	Name     string          `json:"name,omitempty"`
	Source   string          `json:"source" doc:"Slug of the source; cannot change"`
	Type     string          `json:"type" doc:"In the catalog, as in actions-webhook; cannot change"`
	Enabled  *bool           `json:"enabled,omitempty" doc:"Default: true"`
	Settings json.RawMessage `json:"settings,omitempty" doc:"As the definition of the destination has them; a secret as ${NAME} of a variable"`
	Filters  []FileFilter    `json:"filters,omitempty" doc:"They stand in front of all mappings"`
	Mappings []FileMapping   `json:"mappings,omitempty"`
}

// FileFilter is a Filter in a File.
type FileFilter struct {
	Name        string              `json:"name" doc:"Unique in its destination"`
	Description string              `json:"description,omitempty"`
	Enabled     *bool               `json:"enabled,omitempty" doc:"Default: true"`
	If          string              `json:"if" doc:"Condition in the Filter Query Language, or all"`
	Actions     []filter.RuleAction `json:"actions"`
}

// FileMapping is a Mapping in a File.
type FileMapping struct {
	Name    string          `json:"name" doc:"Unique in its destination"`
	Action  string          `json:"action" doc:"Slug of an action of the destination"`
	Enabled *bool           `json:"enabled,omitempty" doc:"Default: true; off, it may be incomplete"`
	Trigger string          `json:"trigger" doc:"Which events, in the trigger language"`
	Fields  json.RawMessage `json:"fields,omitempty" doc:"One member a field of the action: a value, or a directive such as {\"@path\": \"$.\"}"`
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
	want := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Struct: "an object", reflect.Int: "a whole number", reflect.Int64: "a whole number"}[wrong.GoType.Kind()]
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
