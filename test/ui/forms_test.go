//go:build e2e

package ui

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// difference is what a form has shown or saved, in the place of what was chosen.
type difference struct {
	Form    string `json:"form"`
	Trouble string `json:"trouble"` // of the answers: slow, lost, out of order...
	Got     string `json:"got"`
	Want    string `json:"want"`
}

// No choice of the user is ever taken back by an answer of the server that arrives later: every form that asks the
// server is filled in while its answers are held, lost, or given in another order, and while others change the same
// thing. The forms and their troubles are those of forms.json, so that none is dropped unseen.
func TestForms(t *testing.T) {
	t.Parallel()
	for program, forms := range formsOf(t) {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			server, in := start(t, connected)
			got := visit[struct {
				Differences []difference
				Ran         []string
			}](t, server, "forms-"+program+".mjs", in)
			for _, d := range got.Differences {
				t.Errorf("%s, %s: got %s, want %s", d.Form, d.Trouble, d.Got, d.Want)
			}
			var want []string
			for form, troubles := range forms {
				for _, trouble := range troubles {
					want = append(want, form+": "+trouble)
				}
			}
			slices.Sort(want)
			slices.Sort(got.Ran)
			if diff := cmp.Diff(want, got.Ran); diff != "" {
				t.Errorf("cases (-want +got):\n%s", diff)
			}
		})
	}
}

// formsOf are the forms and their troubles, by the program that has their cases.
func formsOf(t *testing.T) map[string]map[string][]string {
	t.Helper()
	text, err := os.ReadFile("forms.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string][]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("read forms.json: %v", err)
	}
	if len(all) == 0 {
		t.Fatal("forms.json has no form")
	}
	return all
}
