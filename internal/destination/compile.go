package destination

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"penstock/internal/filter"
	"penstock/internal/jsvalue"
	"penstock/internal/mapping"
	"penstock/internal/trigger"
)

// Mapping is a mapping as configured, compiled. It is safe for concurrent use.
type Mapping struct {
	destination Destination
	action      *Action
	filters     *filter.Filters // of its destination; nil: there are none
	trigger     *trigger.Trigger
	fields      *mapping.Mapping
	written     json.RawMessage // the fields as configured
	settings    Settings
	batching    *batching // nil: events go out one by one
}

// ErrNoAction is in the chain of Compile's error when the destination has no such action.
var ErrNoAction = errors.New("unknown action")

// Compile reads a mapping as configured, and the settings of its destination, which may be nil or a JSON object. Everything that is wrong with it, and can
// be known before an event comes, is an error that says where and what to do.
func Compile(d Destination, spec Spec, settings json.RawMessage) (*Mapping, error) {
	m, err := CompileLoosely(d, spec, settings)
	if err != nil {
		return nil, err
	}
	if err := m.fields.Fault(); err != nil {
		return nil, fmt.Errorf("read fields: %w", err)
	}
	if err := m.checkFields(spec.Fields); err != nil {
		return nil, err
	}
	return m, nil
}

// CompileLoosely is Compile, but leaves to Resolve what Segment too notices only when an event comes: fields that are missing, or whose fixed value
// is not valid.
func CompileLoosely(d Destination, spec Spec, settings json.RawMessage) (*Mapping, error) {
	definition := d.Definition()
	m := &Mapping{destination: d, action: definition.action(spec.Action), written: orEmpty(spec.Fields)}
	if m.action == nil {
		known := make([]string, len(definition.Actions))
		for i, a := range definition.Actions {
			known[i] = a.Slug
		}
		return nil, fmt.Errorf("read action: %w: %s has none called %q; its actions are %s", ErrNoAction, definition.Slug, spec.Action, strings.Join(known, ", "))
	}
	var errs [4]error
	if m.trigger, errs[0] = trigger.Parse(spec.Trigger); errs[0] != nil {
		errs[0] = fmt.Errorf("read trigger: %w", errs[0])
	}
	if m.fields, errs[1] = mapping.Compile(orEmpty(spec.Fields)); errs[1] != nil {
		errs[1] = fmt.Errorf("read fields: %w", errs[1])
	}
	m.settings, errs[2] = parseSettings(definition.Settings, settings)
	if m.filters, errs[3] = filter.Compile(spec.Filters); errs[3] != nil {
		errs[3] = fmt.Errorf("read filters: %w", errs[3])
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	m.batching = compileBatching(m.action, spec.Fields)
	return m, nil
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

// settingsError is a validation error of settings.
type settingsError struct{ *PayloadError }

func (e *settingsError) Error() string { return "read settings: " + e.Message }
func (e *settingsError) Unwrap() error { return e.PayloadError }

// CheckSettings tells what is wrong with the settings of a destination, which may be nil or a JSON object.
func CheckSettings(d Destination, settings json.RawMessage) error {
	_, err := parseSettings(d.Definition().Settings, settings)
	return err
}

// parseSettings coerces and checks the settings of a destination.
func parseSettings(fields []Field, raw json.RawMessage) (Settings, error) {
	v, ok := jsvalue.DecodeText(string(orEmpty(raw)))
	if !ok {
		return Settings{}, errors.New("read settings: they are not JSON")
	}
	values, errs := schema{fields: fields, batch: true}.apply(v)
	if len(errs) > 0 {
		return Settings{}, &settingsError{invalid(errs)}
	}
	return Settings{fields: fields, values: values}, nil
}

// checkFields looks at what the configured fields say before any event comes.
func (m *Mapping) checkFields(raw json.RawMessage) error {
	fields, _ := jsvalue.DecodeText(string(orEmpty(raw)))
	if fields.Kind() != jsvalue.Object {
		return errors.New("read fields: they must be an object with one member a field")
	}
	var errs []error
	if v := fields.Get(jsvalue.NewKey(batchField)); m.action.has(batchField) {
		if _, wanted := coerce(TypeBoolean, v); !v.Nullish() && !v.Equals("") && wanted != "" {
			errs = append(errs, fmt.Errorf("read fields: /%s must be true or false", batchField))
		}
	}
	if composed(fields) {
		return errors.Join(errs...) // the fields themselves are made of the event
	}
	for i := range m.action.Fields {
		f := &m.action.Fields[i]
		v := fields.Get(jsvalue.NewKey(f.Key))
		if f.OfApp || f.FromEvent != "" || fromEvent(v) {
			continue
		}
		var one jsvalue.Builder
		one.Set(f.Key, v)
		if _, wrong := (schema{fields: m.action.Fields[i : i+1]}).apply(one.Object()); len(wrong) > 0 {
			errs = append(errs, fmt.Errorf("read fields: /%s: %s", f.Key, invalid(wrong).Message))
		}
	}
	return errors.Join(errs...)
}

// composed tells whether the members of the mapping are known only with an event.
func composed(v jsvalue.Value) bool {
	for _, m := range v.Members() {
		if strings.HasPrefix(m.Name, "@") || strings.HasPrefix(m.Name, "__segment_internal") {
			return true
		}
	}
	return false
}

// fromEvent tells whether a value has a directive in it.
func fromEvent(v jsvalue.Value) bool {
	if composed(v) {
		return true
	}
	for _, m := range v.Members() {
		if fromEvent(m.Value) {
			return true
		}
	}
	return slices.ContainsFunc(v.Elements(), fromEvent)
}

func (a *Action) has(key string) bool {
	for i := range a.Fields {
		if a.Fields[i].Key == key {
			return true
		}
	}
	return false
}

// Match tells whether the filters let an event of the log through and the trigger matches it; see trigger.Match. It allocates nothing for simple
// triggers of destinations without filters.
func (m *Mapping) Match(event []byte) bool {
	if m.filters == nil {
		return m.trigger.Match(event)
	}
	return m.filters.Dropped(event) == nil && m.trigger.Match(m.filters.Trim(event))
}

// Dropped tells why the filters of the destination do not let an event through; nil: they do.
func (m *Mapping) Dropped(event []byte) *filter.Verdict { return m.filters.Dropped(event) }

// Trimmed is the event without what the filters of the destination take out of it: what the trigger and the fields see.
func (m *Mapping) Trimmed(event []byte) []byte { return m.filters.Trim(event) }

// Explain matches an event from anywhere, whether the filters let it through or not, and tells which clause of the trigger decided on which value.
func (m *Mapping) Explain(event []byte) trigger.Explanation {
	return m.trigger.Explain(m.filters.Trim(event))
}

// Resolve makes the payload of an event: mapped, cleaned, coerced and validated. The payload may hold parts of event, which must not change while
// it is used. The error is a *PayloadError: the event is rejected for it.
func (m *Mapping) Resolve(event []byte) (Payload, error) { return m.resolve(event, false) }

// ResolveForBatch is Resolve for a member of a batch, in which an empty text is a text.
func (m *Mapping) ResolveForBatch(event []byte) (Payload, error) { return m.resolve(event, true) }

func (m *Mapping) resolve(event []byte, batch bool) (Payload, error) {
	event = m.filters.Trim(event)
	v, err := m.fields.Resolve(event)
	if err != nil {
		return Payload{}, &PayloadError{Code: CodeMapping, Message: err.Error(), cause: err}
	}
	values, errs := schema{fields: m.action.Fields, batch: batch}.apply(v)
	if len(errs) > 0 {
		return Payload{}, invalid(errs)
	}
	for i := range m.action.Fields {
		if path := m.action.Fields[i].FromEvent; path != "" {
			values[i] = dig(jsvalue.Parse(event), path)
		}
	}
	return Payload{action: m.action, values: values}, nil
}

// dig is what lies at a path, names of members joined by dots.
func dig(v jsvalue.Value, path string) jsvalue.Value {
	for name := range strings.SplitSeq(path, ".") {
		v = v.Get(jsvalue.NewKey(name))
	}
	return v
}

// Perform sends the payload once. The id is the webhook-id: the same on every attempt.
func (m *Mapping) Perform(ctx context.Context, client *http.Client, id string, p Payload) Result {
	call := m.call(id, p)
	call.Client = client
	return m.destination.Perform(ctx, call)
}

// Origin is scheme://host:port of what the payload goes to, which is what is parked when it is unavailable. Where the payload does not say it, it
// is the destination's type.
func (m *Mapping) Origin(p Payload) string {
	if a, ok := m.destination.(Addresser); ok {
		if origin := a.Origin(m.call("", p)); origin != "" {
			return origin
		}
	}
	return m.destination.Definition().Slug
}

// Prepare gives the requests that Perform would send, without sending them. The error is a *PayloadError.
func (m *Mapping) Prepare(id string, p Payload) ([]Request, error) {
	preparer, ok := m.destination.(Preparer)
	if !ok {
		return nil, nil
	}
	return preparer.Prepare(m.call(id, p))
}

func (m *Mapping) call(id string, p Payload) *Call {
	return &Call{Action: m.action.Slug, Settings: m.settings, Payload: p, ID: id}
}
