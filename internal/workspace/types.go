package workspace

import (
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/destination"
)

// destinationType is an entry of the catalog.
type destinationType struct {
	destination.Destination
	secrets map[string]bool // settings that are passwords
}

func lookup(catalog Catalog, typ string) *destinationType {
	d, ok := catalog.Lookup(typ)
	if !ok {
		return nil
	}
	t := &destinationType{Destination: d, secrets: map[string]bool{}}
	for _, f := range d.Definition().Settings {
		if f.Type == destination.TypePassword {
			t.secrets[f.Key] = true
		}
	}
	return t
}

// Masked stands for a secret in what is shown or exported, before its last characters. Applied, it leaves the secret as it is.
const Masked = destination.SecretMask

// isMasked tells whether a secret is one as it is shown or exported. Applied, that leaves the secret as it is.
func isMasked(v jsontext.Value) bool { return v.Kind() == '"' && destination.IsMasked(unquote(v)) }

// member is one member of a JSON object; nil when it has none of that name.
func member(raw json.RawMessage, name string) jsontext.Value {
	for n, v := range members(jsontext.Value(raw)) {
		if n == name {
			return v
		}
	}
	return nil
}

// MaskSettings is the settings of a destination as they are shown: of each secret, the last characters.
func MaskSettings(catalog Catalog, d *Destination) json.RawMessage {
	return lookup(catalog, d.Type).mask(d.Settings, destination.MaskSecret)
}

// hidden is the settings of a destination as they are exported: of secrets, nothing.
func (t *destinationType) hidden(settings json.RawMessage) json.RawMessage {
	return t.mask(settings, func(string) string { return Masked })
}

// mask returns settings with each secret as shown makes it.
func (t *destinationType) mask(settings json.RawMessage, shown func(secret string) string) json.RawMessage {
	masked, err := t.eachSecret(settings, func(_ string, secret jsontext.Value) (jsontext.Value, error) { return maskValue(secret, shown), nil })
	_ = err // there is none: maskValue has none
	return masked
}

func maskValue(secret jsontext.Value, shown func(secret string) string) jsontext.Value {
	switch secret.Kind() {
	case 'n':
		return secret
	case '"':
		return quote(nil, shown(unquote(secret)))
	default:
		return quote(nil, Masked)
	}
}

// exampleURL stands for the public URL while a mapping is checked.
const exampleURL = "http://localhost:8080"

// apart lists the errors that were joined.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, apart(e)...)
	}
	return all
}

// placeOf is the part of a mapping that an error of destination.Compile speaks of: "read fields: /url: ..." of fields.url.
func placeOf(at pointer, err error) pointer {
	for _, part := range []string{"action", "trigger", "fields"} {
		inside, ok := strings.CutPrefix(err.Error(), "read "+part+": ")
		if !ok {
			continue
		}
		at = at.field(part)
		if end := strings.IndexAny(inside, ": "); end > 0 && inside[0] == '/' {
			at += pointer(inside[:end])
		}
		return at
	}
	return at
}
