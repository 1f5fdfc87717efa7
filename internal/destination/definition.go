package destination

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"penstock/internal/mapping"
	"penstock/internal/trigger"
)

// Definition describes a destination as data, in the shape of the metadata of Segment's Destination Actions. It is what the catalog
// serves and what forms are made of.
type Definition struct {
	Slug        string   `json:"slug"` // the destination's type: actions-webhook
	Name        string   `json:"name"`
	FormerNames []string `json:"formerNames,omitempty"` // under which clients may still switch it off
	Description string   `json:"description"`
	Mode        string   `json:"mode"` // cloud, or device: it runs in the browser
	Settings    []Field  `json:"settings"`
	Actions     []Action `json:"actions"`
	Presets     []Preset `json:"presets"`
	Catalog     *Listing `json:"catalog,omitempty"` // how Segment's catalog lists it; absent: it is none of Segment's
}

// Listing is how Segment's catalog lists a destination. Clients of the Public API find it there.
type Listing struct {
	ID              string   `json:"id"`
	Status          string   `json:"status"` // PUBLIC, PUBLIC_BETA
	Categories      []string `json:"categories"`
	PreviousNames   []string `json:"previousNames,omitempty"`
	Website         string   `json:"website"`
	PartnerOwned    bool     `json:"partnerOwned,omitempty"`
	Platforms       []string `json:"platforms"` // of browser, server, mobile, warehouse, cloudAppObject, linkedAudiences
	Regions         []string `json:"regions,omitempty"`
	RegionEndpoints []string `json:"regionEndpoints,omitempty"`
}

// Action is one thing that a destination does with an event.
type Action struct {
	ID             string  `json:"id,omitempty"` // in Segment's catalog
	Slug           string  `json:"slug"`
	Name           string  `json:"name"`
	Description    string  `json:"description"`
	DefaultTrigger string  `json:"defaultTrigger,omitempty"`
	Batches        bool    `json:"batches"` // it can take several events at once
	Fields         []Field `json:"fields"`
}

// Field is a value that an action, or the settings of a destination, has.
type Field struct {
	ID          string          `json:"id,omitempty"` // in Segment's catalog
	Key         string          `json:"key"`
	Label       string          `json:"label"`
	Description string          `json:"description"`
	Type        FieldType       `json:"type"`
	Required    bool            `json:"required,omitempty"`
	Multiple    bool            `json:"multiple,omitempty"` // a list of values of Type
	Format      string          `json:"format,omitempty"`   // uri, or FormatSigningSecret
	Choices     []Choice        `json:"choices,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"` // a mapping; what a form begins with, never applied by itself
	Hidden      bool            `json:"hidden,omitempty"`
	FromEvent   string          `json:"fromEvent,omitempty"` // names of members joined by dots: where in the event the value lies, whatever the mapping says; it is neither coerced nor checked
	OfApp       bool            `json:"ofApp,omitempty"`     // added by the application: it is read from the mapping as it is written, and is no part of the payload
}

// FieldType is the type of a field's value.
type FieldType string

// The types of fields. A password is a string that is never shown.
const (
	TypeString   FieldType = "string"
	TypePassword FieldType = "password"
	TypeNumber   FieldType = "number"
	TypeBoolean  FieldType = "boolean"
	TypeObject   FieldType = "object"
)

// Choice is a value that a field may have.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// ParseDefinition reads and checks a definition. Unknown members are errors.
func ParseDefinition(data []byte) (*Definition, error) {
	var d Definition
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("read definition: %w", err)
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("check definition %q: %w", d.Slug, err)
	}
	return &d, nil
}

// Names is what a client may call the destination in the integrations of an event: the current name, then the former ones.
func (d *Definition) Names() []string { return append([]string{d.Name}, d.FormerNames...) }

func (d *Definition) check() error {
	if d.Slug == "" || d.Name == "" || (d.Mode != "cloud" && d.Mode != "device") {
		return errors.New("slug, name and mode (cloud or device) are required")
	}
	if err := checkFields(d.Settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	for _, a := range d.Actions {
		if err := checkFields(a.Fields); err != nil {
			return fmt.Errorf("action %s: %w", a.Slug, err)
		}
		if a.DefaultTrigger == "" {
			continue
		}
		if _, err := trigger.Parse(a.DefaultTrigger); err != nil {
			return fmt.Errorf("action %s: default trigger: %w", a.Slug, err)
		}
	}
	seen := map[string]bool{}
	for i := range d.Presets {
		p := &d.Presets[i]
		if seen[p.Slug] {
			return fmt.Errorf("preset %s is there twice", p.Slug)
		}
		seen[p.Slug] = true
		if err := d.checkPreset(p); err != nil {
			return fmt.Errorf("preset %s: %w", p.Slug, err)
		}
	}
	return nil
}

func checkFields(fields []Field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		switch {
		case f.Key == "" || f.Label == "" || f.Description == "":
			return fmt.Errorf("field %q: key, label and description are required", f.Key)
		case seen[f.Key]:
			return fmt.Errorf("field %s is there twice", f.Key)
		case !slices.Contains([]FieldType{TypeString, TypePassword, TypeNumber, TypeBoolean, TypeObject}, f.Type):
			return fmt.Errorf("field %s: type %q is unknown", f.Key, f.Type)
		case f.Format != "" && f.Format != formatURI && f.Format != FormatSigningSecret:
			return fmt.Errorf("field %s: format %q is unknown", f.Key, f.Format)
		}
		seen[f.Key] = true
		if f.Default == nil {
			continue
		}
		if _, err := mapping.Compile(f.Default); err != nil {
			return fmt.Errorf("field %s: default: %w", f.Key, err)
		}
	}
	return nil
}

// action is the action called slug, or nil.
func (d *Definition) action(slug string) *Action {
	for i := range d.Actions {
		if d.Actions[i].Slug == slug {
			return &d.Actions[i]
		}
	}
	return nil
}
