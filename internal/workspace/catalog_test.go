package workspace_test

import (
	"encoding/json"

	"penstock/internal/destination"
)

const definition = `{
	"slug": "actions-webhook", "name": "Webhook", "description": "", "mode": "cloud", "presets": [],
	"settings": [
		{"key": "sharedSecret", "label": "Secret", "description": "Signs requests.", "type": "password"},
		{"key": "label", "label": "Label", "description": "A label.", "type": "string"}
	],
	"actions": [{"slug": "send", "name": "Send", "description": "", "batches": false, "fields": [
		{"key": "url", "label": "URL", "description": "Where to.", "type": "string", "format": "uri"},
		{"key": "method", "label": "Method", "description": "How.", "type": "string", "choices": [{"value": "POST", "label": "POST"}, {"value": "PUT", "label": "PUT"}]},
		{"key": "data", "label": "Data", "description": "What.", "type": "object"}
	]}]
}`

func newCatalog() catalog {
	parsed, err := destination.ParseDefinition([]byte(definition))
	if err != nil {
		panic(err)
	}
	return catalog{sink: &sink{definition: *parsed}}
}

func decode[T any](t tester, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
	return v
}
