package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
)

// page writes the description of an API as a page of the reference.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	_, _ = fmt.Fprintf(p, format+"\n", args...) // a builder never fails
}

// shape is what is shown of a schema.
type shape struct {
	Ref         string           `json:"$ref"`
	Type        any              `json:"type"`
	Format      string           `json:"format"`
	Description string           `json:"description"`
	Enum        []any            `json:"enum"`
	Default     any              `json:"default"`
	Items       *shape           `json:"items"`
	OneOf       []shape          `json:"oneOf"`
	Required    []string         `json:"required"`
	Properties  map[string]shape `json:"properties"`
	Additional  any              `json:"additionalProperties"`
}

func shapeOf(s *huma.Schema) (out shape, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return out, err
	}
	err = json.Unmarshal(text, &out)
	return out, err
}

// name is a schema in a few words; one that has a name links to it.
func (s *shape) name() string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return "[" + name + "](#" + strings.ToLower(name) + ")"
	}
	if len(s.OneOf) > 0 {
		var names []string
		for i := range s.OneOf {
			names = append(names, s.OneOf[i].name())
		}
		return strings.Join(names, " or ")
	}
	if s.Items != nil {
		return "list of " + s.Items.name()
	}
	text := "any"
	switch typ := s.Type.(type) {
	case string:
		text = typ
	case []any:
		var names []string
		for _, t := range typ {
			names = append(names, fmt.Sprint(t))
		}
		text = strings.Join(names, " or ")
	}
	if s.Format != "" {
		text += " (" + s.Format + ")"
	}
	return text
}

// note is what else there is to say of a field.
func (s *shape) note() string {
	text := []string{}
	if s.Description != "" {
		text = append(text, s.Description)
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprintf("`%v`", v))
		}
		text = append(text, strings.Join(values, ", "))
	}
	if s.Default != nil {
		text = append(text, fmt.Sprintf("default `%v`", s.Default))
	}
	return tableCell(strings.Join(text, "; "))
}

// cell is a text as it may stand in a table.
func tableCell(text string) string { return strings.NewReplacer("\n", " ", "|", "\\|").Replace(text) }

// fields is a table of the members of an object.
func (p *page) fields(s *shape) {
	p.line("| field | type | |")
	p.line("| --- | --- | --- |")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		field := s.Properties[name]
		star := ""
		if slices.Contains(s.Required, name) {
			star = ", required"
		}
		p.line("| `%s` | %s%s | %s |", name, field.name(), star, field.note())
	}
	p.line("")
}

// render writes the reference.
func render(api *huma.OpenAPI) ([]byte, error) {
	p := &page{}
	p.line("# Operations of the control API\n")
	p.line("This page is made from the description that the server itself gives, `GET %s` (`make api` writes it anew). [control-api.md](control-api.md) says what it is all for, how to sign in, and what roles may do.", openAPIPath)
	all := operationsOf(api)
	byPath := func(a, b string) int {
		_, pathA, _ := strings.Cut(a, " ")
		_, pathB, _ := strings.Cut(b, " ")
		return strings.Compare(pathA+" "+a, pathB+" "+b)
	}
	p.line("\n| operation | for | role |\n| --- | --- | --- |")
	for _, route := range slices.SortedFunc(maps.Keys(all), byPath) {
		needed, _ := access.NeededBy(all[route])
		p.line("| [`%s`](#%s) | %s | %s |", route, all[route].OperationID, tableCell(all[route].Summary), needed)
	}
	p.line("")
	for _, route := range slices.SortedFunc(maps.Keys(all), byPath) {
		if err := p.operation(route, all[route]); err != nil {
			return nil, err
		}
	}
	p.line("# Types\n")
	schemas := api.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s, err := shapeOf(schemas[name])
		if err != nil {
			return nil, err
		}
		p.line("## %s\n", name)
		if s.Description != "" {
			p.line("%s\n", s.Description)
		}
		if len(s.Properties) > 0 {
			p.fields(&s)
		} else {
			p.line("%s\n", s.name())
		}
	}
	return []byte(strings.TrimSpace(p.String()) + "\n"), nil
}

func (p *page) operation(route string, op *huma.Operation) error {
	needed, _ := access.NeededBy(op)
	p.line("## %s\n\n`%s`, for the role %s. %s.\n", op.OperationID, route, needed, strings.TrimSuffix(op.Summary, "."))
	if op.Description != "" {
		p.line("%s\n", op.Description)
	}
	if len(op.Parameters) > 0 {
		p.line("| parameter | in | type | |\n| --- | --- | --- | --- |")
		for _, param := range op.Parameters {
			s, err := shapeOf(param.Schema)
			if err != nil {
				return err
			}
			text := s.note()
			if text == "" {
				text = tableCell(param.Description)
			}
			p.line("| `%s` | %s | %s | %s |", param.Name, param.In, s.name(), text)
		}
		p.line("")
	}
	if op.RequestBody != nil {
		if err := p.content("Body", op.RequestBody.Content); err != nil {
			return err
		}
	}
	var statuses []string
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if status < "300" {
			if err := p.content("Answer "+status, op.Responses[status].Content); err != nil {
				return err
			}
			continue
		}
		statuses = append(statuses, status)
	}
	if len(statuses) > 0 {
		p.line("Errors: %s, as [ErrorModel](#errormodel).\n", strings.Join(statuses, ", "))
	}
	return nil
}

func (p *page) content(what string, content map[string]*huma.MediaType) error {
	if len(content) == 0 {
		p.line("%s: nothing.\n", what)
	}
	for _, media := range slices.Sorted(maps.Keys(content)) {
		s, err := shapeOf(content[media].Schema)
		if err != nil {
			return err
		}
		p.line("%s, `%s`: %s.\n", what, media, s.name())
	}
	return nil
}
