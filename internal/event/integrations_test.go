package event_test

import (
	"testing"

	"penstock/internal/event"
)

// TestSwitchedOff: which integrations keep an event from a destination that is called Pendo Web (Actions), formerly Pendo Web (actions).
func TestSwitchedOff(t *testing.T) {
	for integrations, want := range map[string]string{
		``:                              "",
		`{}`:                            "",
		`{ }`:                           "",
		`null`:                          "",
		`{"All":true}`:                  "",
		`{"All":false}`:                 "All",
		`{"all":false}`:                 "all",
		`{"All":true,"all":false}`:      "",
		`{"All":{}}`:                    "",
		`{"Pendo Web (Actions)":false}`: "Pendo Web (Actions)",
		`{"Pendo Web (actions)":false}`: "Pendo Web (actions)",
		`{"pendo web (actions)":false}`: "", // names are case-sensitive
		`{"All":false,"Pendo Web (Actions)":true}`:                         "",
		`{"All":false,"Pendo Web (actions)":{"a":{"All":false}}}`:          "",
		`{"All":false,"Other":true}`:                                       "All",
		`{"Other":{"All":false},"x":[{"Pendo Web (Actions)":false}]}`:      "",
		`{"Pendo Web (Actions)":null,"All":false}`:                         "All",
		`{"Pendo Web (Actions)":"false"}`:                                  "",
		`{"Pendo Web (Actions)":false,"Pendo Web (Actions)":true}`:         "",
		`{"Pendo Web (Actions)":true,"Pendo Web (actions)":false}`:         "",
		`{"Pendo Web (Actions)" : false , "All" : true}`:                   "Pendo Web (Actions)",
		`{"Pendo\u0020Web (Actions)":false}`:                               "Pendo Web (Actions)",
		`{"All": false, "Segment.io": true}`:                               "All", // an event that the source's plan disables
		`{"Pendo Web (Actions)":false},"x":{"integrations":{"All":false}}`: "Pendo Web (Actions)",
	} {
		line := `{"type":"track","properties":{"integrations":{"All":false}}}`
		if integrations != "" {
			line = `{"type":"track","integrations":` + integrations + `}`
		}
		by, off := event.SwitchedOff([]byte(line), "Pendo Web (Actions)", "Pendo Web (actions)")
		if !off {
			by = ""
		}
		if by != want {
			t.Errorf("%s: switched off by %q, want %q", integrations, by, want)
		}
	}
}
