package admin

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

// WorkspaceSchema describes the workspace file as JSON Schema, for editors. It is made from the Go types; docs/reference/workspace.schema.json is it.
func WorkspaceSchema() ([]byte, error) {
	types := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	root := types.Schema(reflect.TypeFor[workspace.File](), false, "File")
	definitions := types.Map()
	delete(definitions, "File")
	for _, s := range definitions {
		for _, name := range []string{"settings", "schema", "fields"} {
			if p := s.Properties[name]; p != nil && p.Type == "" {
				p.Type = huma.TypeObject
			}
		}
	}
	body, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	document := map[string]any{}
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	document["title"] = "Penstock workspace"
	document["$defs"] = definitions
	out, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return append(out, '\n'), nil
}
