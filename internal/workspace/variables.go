package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/destination"
)

// PublicURLVariable is the reference that stays one: it is kept in triggers, fields and settings, and stands for the URL under which this server is
// reached, whatever that is at the time.
const PublicURLVariable = "PENSTOCK_URL"

// Lookup finds the value of a variable.
type Lookup func(name string) (string, bool)

// rewrite goes through s from left to right: each ${NAME} becomes what ref says, and "$${", which stands for "${" itself, becomes escaped. A "${"
// that is neither is an error.
func rewrite(s, escaped string, ref func(name string) (string, error)) (string, error) {
	if !strings.Contains(s, "${") {
		return s, nil
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1] + escaped)
			s = s[i+len("${"):]
			continue
		}
		b.WriteString(s[:i])
		end := strings.IndexByte(s[i:], '}')
		if end < 0 || !isVariable(s[i+len("${"):i+end]) {
			return "", errors.New(`"${" begins a reference to a variable, ${NAME}, and this is none; write "$${" where "${" itself is meant`)
		}
		value, err := ref(s[i+len("${") : i+end])
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		s = s[i+end+1:]
	}
}

func isVariable(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// escape makes a text stand for itself.
func escape(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// inJSON makes a value fit into a JSON string.
func inJSON(s string) string {
	quoted := quote(nil, s)
	return string(quoted[1 : len(quoted)-1])
}

// Expand returns a copy of the file in which every reference but ${PENSTOCK_URL} has been replaced by the value of the variable. One that is not set is a
// problem that names it. What it returns can be written, sent, and applied elsewhere, where the variables are not known.
func (f *File) Expand(lookup Lookup) (*File, error) {
	x := expander{lookup: lookup, check: checker{places: f.places}}
	out := &File{places: f.places}
	for i, a := range f.Apps {
		at := pointer("/apps").item(i)
		x.app(at, &a)
		out.Apps = append(out.Apps, a)
	}
	for i, l := range f.Labels {
		at := pointer("/labels").item(i)
		x.text(at.field("key"), &l.Key)
		x.text(at.field("value"), &l.Value)
		x.text(at.field("description"), &l.Description)
		out.Labels = append(out.Labels, l)
	}
	for i, s := range f.Sources {
		out.Sources = append(out.Sources, x.source(pointer("/sources").item(i), s))
	}
	for i, d := range f.Destinations {
		out.Destinations = append(out.Destinations, x.destination(pointer("/destinations").item(i), d))
	}
	return out, x.check.err()
}

// expander replaces references, and notes those that cannot be.
type expander struct {
	lookup Lookup
	check  checker
}

func (x *expander) app(at pointer, a *FileApp) {
	x.text(at.field("slug"), &a.Slug)
	x.text(at.field("name"), &a.Name)
	x.text(at.field("key"), &a.Key)
	x.text(at.field("region"), &a.Region)
	x.text(at.field("sharedSecret"), &a.SharedSecret)
	x.text(at.field("signatureSecret"), &a.SignatureSecret)
	a.OldKeys = append([]string(nil), a.OldKeys...)
	for i := range a.OldKeys {
		x.text(at.field("oldKeys").item(i), &a.OldKeys[i])
	}
}

func (x *expander) source(at pointer, s FileSource) FileSource {
	x.text(at.field("slug"), &s.Slug)
	x.text(at.field("name"), &s.Name)
	x.text(at.field("type"), &s.Type)
	s.WriteKeys = append([]string(nil), s.WriteKeys...)
	for k := range s.WriteKeys {
		x.text(at.field("writeKeys").item(k), &s.WriteKeys[k])
	}
	s.Labels = append([]LabelRef(nil), s.Labels...)
	for k := range s.Labels {
		at := at.field("labels").item(k)
		x.text(at.field("key"), &s.Labels[k].Key)
		x.text(at.field("value"), &s.Labels[k].Value)
	}
	x.raw(at.field("settings"), &s.Settings)
	x.raw(at.field("schema"), &s.Schema)
	return s
}

func (x *expander) destination(at pointer, d FileDestination) FileDestination {
	x.text(at.field("slug"), &d.Slug)
	x.text(at.field("name"), &d.Name)
	x.text(at.field("source"), &d.Source)
	x.text(at.field("type"), &d.Type)
	x.raw(at.field("settings"), &d.Settings)
	filters := make([]FileFilter, 0, len(d.Filters))
	for i, f := range d.Filters {
		at := at.field("filters").item(i)
		x.text(at.field("name"), &f.Name)
		x.text(at.field("description"), &f.Description)
		x.text(at.field("if"), &f.If)
		filters = append(filters, f)
	}
	if len(filters) > 0 {
		d.Filters = filters
	}
	mappings := make([]FileMapping, 0, len(d.Mappings))
	for i, m := range d.Mappings {
		at := at.field("mappings").item(i)
		x.text(at.field("name"), &m.Name)
		x.text(at.field("action"), &m.Action)
		x.text(at.field("trigger"), &m.Trigger)
		x.raw(at.field("fields"), &m.Fields)
		mappings = append(mappings, m)
	}
	d.Mappings = mappings
	return d
}

func (x *expander) text(at pointer, s *string) {
	out, err := rewrite(*s, "$${", func(name string) (string, error) { return x.value(name) })
	if err != nil {
		x.check.add(at, "%s", err)
		return
	}
	*s = out
}

func (x *expander) raw(at pointer, raw *json.RawMessage) {
	out, err := rewrite(string(*raw), "$${", func(name string) (string, error) {
		value, err := x.value(name)
		if err != nil || name == PublicURLVariable {
			return value, err
		}
		return inJSON(value), nil
	})
	if err != nil {
		x.check.add(at, "%s", err)
		return
	}
	*raw = json.RawMessage(out)
}

func (x *expander) value(name string) (string, error) {
	if name == PublicURLVariable {
		return "${" + PublicURLVariable + "}", nil
	}
	value, set := x.lookup(name)
	if !set {
		return "", fmt.Errorf("the variable %s is not set; set it in the environment of the command that reads the file", name)
	}
	return escape(value), nil
}

// unexpanded is what a reference is that has come as far as where nothing expands it.
func unexpanded(name string) error {
	if name == PublicURLVariable {
		return fmt.Errorf("${%s} can stand in triggers, fields and settings only", name)
	}
	return fmt.Errorf("${%s} is expanded by `penstock apply`, from its own environment, and never by the server", name)
}

// literal is the text that s stands for; there may be no reference in it.
func literal(s string) (string, error) {
	return rewrite(s, "${", func(name string) (string, error) { return "", unexpanded(name) })
}

// checkReferences finds a reference that is not to the public URL, in text or JSON.
func checkReferences(s string) error {
	_, err := rewrite(s, "", func(name string) (string, error) {
		if name == PublicURLVariable {
			return "", nil
		}
		return "", unexpanded(name)
	})
	return err
}

// Resolve replaces the references in a mapping, as configured or as a fence records it, by publicURL (scheme://host, no slash at the end). It is called when the
// mapping is compiled for use.
func Resolve(spec destination.Spec, publicURL string) destination.Spec {
	spec.Trigger = resolve(spec.Trigger, publicURL)
	spec.Fields = ResolveJSON(spec.Fields, publicURL)
	return spec
}

// ResolveJSON is Resolve for the settings of a destination.
func ResolveJSON(raw json.RawMessage, publicURL string) json.RawMessage {
	return json.RawMessage(resolve(string(raw), inJSON(publicURL)))
}

func resolve(s, value string) string {
	out, err := rewrite(s, "${", func(name string) (string, error) {
		if name == PublicURLVariable {
			return value, nil
		}
		return "", unexpanded(name)
	})
	if err != nil {
		return s // Apply takes no such thing
	}
	return out
}
