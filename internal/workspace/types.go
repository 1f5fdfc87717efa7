package workspace

import (
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/destination"
)

// Masked stands for a secret in what is shown or exported. Applied, it leaves the secret as it is.
const Masked = destination.Mask

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

func isMasked(v jsontext.Value) bool { return v.Kind() == '"' && unquote(v) == Masked }

// member is one member of a JSON object; nil when it has none of that name.
func member(raw json.RawMessage, name string) jsontext.Value {
	for n, v := range members(jsontext.Value(raw)) {
		if n == name {
			return v
		}
	}
	return nil
}

// MaskSettings is the settings of a destination with its secrets masked.
func MaskSettings(catalog Catalog, d *Destination) json.RawMessage {
	return lookup(catalog, d.Type).mask(d.Settings)
}

// mask hides the secrets in settings.
func (t *destinationType) mask(settings json.RawMessage) json.RawMessage {
	return object(func(yield func(string, jsontext.Value) bool) {
		for name, v := range members(jsontext.Value(settings)) {
			if t == nil || t.secrets[name] && string(v) != "null" {
				v = jsontext.Value(`"` + Masked + `"`) // of a type that is not known, everything is hidden
			}
			if !yield(name, v) {
				return
			}
		}
	})
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
