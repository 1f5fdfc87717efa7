package app

import (
	"testing"

	"penstock/internal/deliver"
	"penstock/internal/event"
)

// all is a mapping that takes everything.
type all struct{ deliver.Compiled }

func (all) Match([]byte) bool { return true }

func (all) Explain([]byte) (code, reason string) { return deliver.CodeFiltered, "" }

// TestSwitchable: a client may keep its event from a destination by any of its names, and from nothing else.
func TestSwitchable(t *testing.T) {
	m := switchable{Compiled: all{}, names: []string{"Webhooks (Actions)", "Webhooks"}}
	for line, code := range map[string]string{
		`{"integrations":{}}`:                                         "",
		`{"integrations":{"Webhooks (Actions)":false}}`:               event.CodeSwitchedOff,
		`{"integrations":{"Webhooks":false}}`:                         event.CodeSwitchedOff,
		`{"integrations":{"all":false}}`:                              event.CodeSwitchedOff,
		`{"integrations":{"All":false,"Webhooks (Actions)":{"a":1}}}`: "",
		`{"integrations":{"Pendo Web (Actions)":false}}`:              "",
	} {
		if got := m.Match([]byte(line)); got != (code == "") {
			t.Errorf("%s: matches %v", line, got)
		}
		if got, reason := m.Explain([]byte(line)); code != "" && (got != code || reason == "") {
			t.Errorf("%s: %s, %q", line, got, reason)
		}
	}
}
