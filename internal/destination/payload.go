package destination

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"

	"penstock/internal/jsvalue"
)

// Payload is what the fields of an action come to for an event: cleaned, coerced and validated. It may hold parts of the event's bytes.
type Payload struct {
	action *Action
	values []jsvalue.Value
}

// Value is the value of a field; undefined when it has none.
func (p Payload) Value(key string) jsvalue.Value {
	if p.action == nil {
		return jsvalue.Value{}
	}
	return valueOf(p.action.Fields, p.values, key)
}

// AppendJSON appends the payload as a JSON object of its fields.
func (p Payload) AppendJSON(dst []byte) []byte {
	if p.action == nil {
		return append(dst, "{}"...)
	}
	return object(p.action.Fields, p.values).AppendJSON(dst)
}

// PayloadError says why an event has no payload; it is rejected for it.
type PayloadError struct {
	Code    string       // CodeMapping or CodePayloadValidation
	Message string       // Segment's own message, or messages
	Fields  []FieldError // what is wrong where; of a validation error
	cause   error        // of CodeMapping
}

// Unwrap is the mapping's own error.
func (e *PayloadError) Unwrap() error { return e.cause }

// Error says which step failed, and why.
func (e *PayloadError) Error() string {
	if e.Code == CodeMapping {
		return "resolve the mapping: " + e.Message
	}
	return "validate the payload: " + e.Message
}

func invalid(errs []FieldError) *PayloadError {
	messages := make([]string, len(errs))
	for i, e := range errs {
		messages[i] = e.Message
	}
	return &PayloadError{Code: CodePayloadValidation, Message: strings.Join(messages, " "), Fields: errs}
}

// Settings are the values of a destination's settings. However they are printed, passwords are masked.
type Settings struct {
	fields []Field
	values []jsvalue.Value
}

// Text is the text of a setting; empty when it has none.
func (s Settings) Text(key string) string { return valueOf(s.fields, s.values, key).Str() }

// Secrets are the texts that must not be shown.
func (s Settings) Secrets() []string {
	var out []string
	for i, f := range s.fields {
		if text := s.values[i].Str(); f.Type == TypePassword && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// Mask stands for a secret.
const Mask = "<redacted>"

// MarshalJSON writes the settings with passwords masked.
func (s Settings) MarshalJSON() ([]byte, error) {
	masked := make([]jsvalue.Value, len(s.values))
	for i, f := range s.fields {
		masked[i] = s.values[i]
		if f.Type == TypePassword && masked[i].Kind() != jsvalue.Undefined {
			masked[i] = jsvalue.OfString(Mask)
		}
	}
	return object(s.fields, masked).AppendJSON(nil), nil
}

// String prints the settings with passwords masked.
func (s Settings) String() string {
	text, err := s.MarshalJSON()
	if err != nil {
		return Mask
	}
	return string(text)
}

// GoString prints the settings with passwords masked.
func (s Settings) GoString() string { return s.String() }

// LogValue logs the settings with passwords masked.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

func valueOf(fields []Field, values []jsvalue.Value, key string) jsvalue.Value {
	for i := range fields {
		if fields[i].Key == key && i < len(values) {
			return values[i]
		}
	}
	return jsvalue.Value{}
}

func object(fields []Field, values []jsvalue.Value) jsvalue.Value {
	var o jsvalue.Builder
	for i := range fields {
		if i < len(values) {
			o.Set(fields[i].Key, values[i])
		}
	}
	return o.Object()
}

// Shown is the payload as a JSON object of its fields, for people to see: what is secret in its headers and its URL is masked.
func (p Payload) Shown() json.RawMessage {
	if p.action == nil {
		return json.RawMessage("{}")
	}
	values := slices.Clone(p.values)
	for i, f := range p.action.Fields {
		switch {
		case i >= len(values):
		case f.Format == formatURI && values[i].Kind() == jsvalue.String:
			values[i] = jsvalue.OfString(shownURL(values[i].Str()))
		case f.Key == headersField && values[i].Kind() == jsvalue.Object:
			values[i] = maskHeaders(values[i])
		}
	}
	return object(p.action.Fields, values).AppendJSON(nil)
}

// headersField is the field of headers, in the destinations that have one.
const headersField = "headers"

func maskHeaders(v jsvalue.Value) jsvalue.Value {
	var o jsvalue.Builder
	for _, m := range v.Members() {
		if sensitive(strings.ToLower(m.Name)) {
			m.Value = jsvalue.OfString(Mask)
		}
		o.Set(m.Name, m.Value)
	}
	return o.Object()
}
