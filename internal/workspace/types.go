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

// settings checks and fills in the settings of next; a masked secret is what it is in old. It returns nil when there is no such type.
func (p *planner) settings(at pointer, f *FileDestination, old, next *Destination) *destinationType {
	next.Settings = orEmpty(f.Settings)
	typ := lookup(p.catalog, next.Type)
	if typ == nil {
		p.add(at.field("type"), "there is no destination type %q in the catalog; actions-webhook is one", next.Type)
		return nil
	}
	before := json.RawMessage("{}")
	if old != nil {
		before = old.Settings
	}
	next.Settings = object(func(yield func(string, jsontext.Value) bool) {
		for name, v := range members(jsontext.Value(next.Settings)) {
			if typ.secrets[name] && isMasked(v) {
				if v = member(before, name); v == nil {
					p.add(at.field("settings").field(name), "the secret is masked, and there is none yet; write it here, as ${NAME} of a variable that holds it")
					continue
				}
			}
			if !yield(name, v) {
				return
			}
		}
	})
	p.references(at.field("settings"), string(next.Settings))
	if err := destination.CheckSettings(typ.Destination, ResolveJSON(next.Settings, exampleURL)); err != nil {
		p.add(at.field("settings"), "%s", err)
	}
	return typ
}

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

// mask hides the secrets in settings.
func (t *destinationType) mask(settings json.RawMessage) json.RawMessage {
	masked, err := t.eachSecret(settings, func(_ string, secret jsontext.Value) (jsontext.Value, error) { return maskValue(secret), nil })
	_ = err // there is none: maskValue has none
	return masked
}

func maskValue(secret jsontext.Value) jsontext.Value {
	switch secret.Kind() {
	case 'n':
		return secret
	case '"':
		return quote(nil, destination.MaskSecret(unquote(secret)))
	default:
		return quote(nil, destination.MaskSecret(""))
	}
}

// exampleURL stands for the public URL while a mapping is checked.
const exampleURL = "http://localhost:8080"

// compiles checks that the trigger and the fields of a mapping make sense for its action. What is wrong with the settings is told once, at the destination.
func (p *planner) compiles(at pointer, d *Destination, m *Mapping, typ *destinationType) {
	compiled, err := destination.Compile(typ.Destination, Resolve(m.Spec(), exampleURL), nil)
	if err != nil {
		for _, one := range apart(err) {
			p.add(placeOf(at, one), "%s", one)
		}
		return
	}
	for _, w := range compiled.Warnings() {
		if len(p.plan.Warnings) == problemsMax {
			return
		}
		where := at.field(w.Part)
		if w.Part == destination.PartFields {
			where += pointer(w.At)
		}
		p.plan.Warnings = append(p.plan.Warnings, PlanWarning{
			Problem: p.places.problem(where, w.Read+"; "+w.Instead), Mapping: d.Slug + "/" + m.Name, Warning: w,
		})
	}
}

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
