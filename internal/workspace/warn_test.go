package workspace_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/workspace"
)

func TestPlanWarns(t *testing.T) {
	const traps = `sources:
  - {slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}
destinations:
  - slug: sink
    name: Sink
    source: website
    type: actions-webhook
    mappings:
      - name: Traps
        action: send
        trigger: type = 'track'
        fields:
          url: http://localhost
          method: POST
          data:
            by: {"@template": "{{$.userId}}"}
`
	want := []string{
		"line 11, column 9: destinations[0].mappings[0].trigger, character 8: single quotes belong to the value: 'track' is not \"track\"; write `\"track\"`",
		"line 16, column 18: destinations[0].mappings[0].fields.data.by.@template: in a template `$` is the name of a member: this puts in nothing; write \"{{userId}}\"",
	}
	r := newRig(t)
	for _, opts := range []workspace.ApplyOptions{{DryRun: true}, {}, {}} {
		plan, err := r.Apply(t.Context(), parse(t, traps), opts)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range plan.Warnings {
			got = append(got, w.String())
			if w.Mapping != "sink/Traps" {
				t.Errorf("warning of %q, want sink/Traps", w.Mapping)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("warnings with %+v (-want +got):\n%s", opts, diff)
		}
		if opts.DryRun && (len(plan.Changes) != 3 || r.Snapshot().Revision != 0) {
			t.Errorf("dry run: %d changes, revision %d; want 3 that are not made", len(plan.Changes), r.Snapshot().Revision)
		}
	}
}
