package destination

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"penstock/internal/mapping"
	"penstock/internal/trigger"
)

// Preset is a mapping that is offered complete, but for a few inputs.
type Preset struct {
	Slug        string          `json:"slug"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Action      string          `json:"action"`
	Trigger     string          `json:"trigger"`
	Inputs      []Input         `json:"inputs,omitempty"`
	Fields      json.RawMessage `json:"fields"` // in its texts, ${KEY} stands for an input
}

// Input is a text that a preset asks for.
type Input struct {
	Key         string        `json:"key"`
	Label       string        `json:"label"`
	Description string        `json:"description"`
	Format      string        `json:"format,omitempty"` // appKey
	Choices     []InputChoice `json:"choices,omitempty"`
}

// InputChoice is one of the answers that an input takes.
type InputChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Text  string `json:"text"` // what the answer puts into the fields
}

// formatAppKey is the format of the API key of an app in Pendo: 32 hexadecimal digits, alone or with the dashes of a UUID.
const formatAppKey = "appKey"

var appKeyPattern = regexp.MustCompile(`^(?i:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`)

// IsAppKey tells whether s has the form of the API key of an app in Pendo.
func IsAppKey(s string) bool { return appKeyPattern.MatchString(s) }

func (d *Definition) checkPreset(p *Preset) error {
	if p.Slug == "" || p.Name == "" || p.Description == "" {
		return errors.New("slug, name and description are required")
	}
	if d.action(p.Action) == nil {
		return fmt.Errorf("no action is called %q", p.Action)
	}
	if _, err := trigger.Parse(p.Trigger); err != nil {
		return fmt.Errorf("trigger: %w", err)
	}
	if _, err := mapping.Compile(p.Fields); err != nil {
		return fmt.Errorf("fields: %w", err)
	}
	for _, in := range p.Inputs {
		switch {
		case in.Key == "" || in.Label == "" || in.Description == "":
			return fmt.Errorf("input %q: key, label and description are required", in.Key)
		case in.Format != "" && in.Format != formatAppKey:
			return fmt.Errorf("input %s: format %q is unknown", in.Key, in.Format)
		case !bytes.Contains(p.Fields, []byte("${"+in.Key+"}")):
			return fmt.Errorf("input %s is not used", in.Key)
		}
	}
	return nil
}

// Preset is the preset called slug, or nil.
func (d *Definition) Preset(slug string) *Preset {
	for i := range d.Presets {
		if d.Presets[i].Slug == slug {
			return &d.Presets[i]
		}
	}
	return nil
}

// Fill makes a mapping of the preset. What is wrong with the inputs is an error that says what each wants.
func (p *Preset) Fill(inputs map[string]string) (Spec, error) {
	var errs []error
	var pairs []string
	for _, in := range p.Inputs {
		text, err := in.read(inputs[in.Key])
		if err != nil {
			errs = append(errs, fmt.Errorf("input %s: %w", in.Key, err))
			continue
		}
		quoted, err := json.Marshal(text)
		if err != nil {
			return Spec{}, fmt.Errorf("write input %s: %w", in.Key, err)
		}
		pairs = append(pairs, "${"+in.Key+"}", string(quoted[1:len(quoted)-1]))
	}
	for _, key := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.ContainsFunc(p.Inputs, func(in Input) bool { return in.Key == key }) {
			errs = append(errs, fmt.Errorf("input %s: the preset %s does not ask for it", key, p.Slug))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Spec{}, err
	}
	var fields bytes.Buffer
	if err := json.Compact(&fields, []byte(strings.NewReplacer(pairs...).Replace(string(p.Fields)))); err != nil {
		return Spec{}, fmt.Errorf("write fields: %w", err)
	}
	return Spec{Action: p.Action, Trigger: p.Trigger, Fields: fields.Bytes()}, nil
}

// read is the text that an answer to the input puts into the fields. A key is taken as it is given, with or without dashes.
func (in *Input) read(answer string) (string, error) {
	answer = strings.TrimSpace(answer)
	if answer == "" {
		return "", errors.New("it is missing; " + in.wants())
	}
	for _, c := range in.Choices {
		if strings.EqualFold(c.Value, answer) || strings.EqualFold(c.Label, answer) {
			return c.Text, nil
		}
	}
	switch {
	case len(in.Choices) > 0:
		return "", fmt.Errorf("%q is none of its choices; %s", answer, in.wants())
	case in.Format == formatAppKey && !IsAppKey(answer) && strings.Contains(answer, "."):
		return "", fmt.Errorf("%q looks like an integration key; %s", answer, in.wants())
	case in.Format == formatAppKey && !IsAppKey(answer):
		return "", fmt.Errorf("%q is no app key; %s", answer, in.wants())
	case strings.Contains(answer, "${"):
		return "", fmt.Errorf("%q: a preset takes texts, not references", answer)
	}
	return answer, nil
}

// wants says what the input takes.
func (in *Input) wants() string {
	if len(in.Choices) > 0 {
		values := make([]string, len(in.Choices))
		for i, c := range in.Choices {
			values[i] = c.Value
		}
		return "want one of " + strings.Join(values, ", ")
	}
	if in.Format == formatAppKey {
		return "want 32 hexadecimal digits, with or without dashes, as App Details in the settings of the app shows them"
	}
	return "want a text"
}
