package workspace_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/filter"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

func (r *rig) edit(t *testing.T, edit func(*workspace.Edit)) *workspace.Plan {
	t.Helper()
	plan, err := r.Edit(t.Context(), func(e *workspace.Edit) error {
		edit(e)
		return nil
	})
	if err != nil {
		t.Fatalf("edit: %v", err)
	}
	return plan
}

// tracks is the mapping Tracks of base.
func (r *rig) tracks() workspace.Mapping {
	s := r.Snapshot()
	return *s.MappingsOfDestination(s.DestinationBySlug("sink").ID)[1]
}

// A change of one resource is a plan like that of a file, with fences where delivery is affected.
func TestEditOfOneResource(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	before := r.tracks()
	plan := r.edit(t, func(e *workspace.Edit) {
		m := r.tracks()
		m.Name, m.Trigger, m.Fields = "All", `type = "page"`, json.RawMessage(`{"url":"http://localhost","method":"PUT"}`)
		e.PutMapping(&m)
	})
	want := []workspace.FieldChange{
		{Path: "name", Before: json.RawMessage(`"Tracks"`), After: json.RawMessage(`"All"`)},
		{Path: "trigger", Before: json.RawMessage(`"type = \"track\""`), After: json.RawMessage(`"type = \"page\""`)},
		{Path: "fields.method", Before: json.RawMessage(`"POST"`), After: json.RawMessage(`"PUT"`)},
		{Path: "fields.data", Before: json.RawMessage(`{"@path":"$."}`)},
	}
	if diff := cmp.Diff([]string{"update mapping sink/All"}, changes(plan)); diff != "" {
		t.Fatalf("plan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, plan.Changes[0].Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]record.FenceState{"on", "on"}, states(r.fences(t))); diff != "" {
		t.Errorf("fences (-want +got):\n%s", diff)
	}
	if now := r.Snapshot().Mapping(before.ID); now.Name != "All" || now.Revision <= before.Revision {
		t.Errorf("after: %+v", now)
	}
}

func TestEditIsRefusedWithPaths(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	pages := r.Snapshot().MappingsOfDestination(r.Snapshot().DestinationBySlug("sink").ID)[0]
	for name, c := range map[string]struct {
		edit func(*workspace.Edit)
		want string
	}{
		"a name that another mapping has": {func(e *workspace.Edit) {
			m := r.tracks()
			m.Name = "Pages"
			e.PutMapping(&m)
		}, `name: the name of a mapping of sink "Pages" belongs to another mapping already`},
		"a mapping that is on, and not complete": {func(e *workspace.Edit) {
			m := *pages
			m.Enabled, m.Fields = true, json.RawMessage(`{"url":"nowhere"}`)
			e.PutMapping(&m)
		}, `fields.url: read fields: /url: URL must be a valid URI`},
		"a label that is not there": {func(e *workspace.Edit) {
			s := *e.Now().SourceBySlug("website")
			s.Labels = []workspace.LabelRef{{Key: "env", Value: "prod"}}
			e.PutSource(&s)
		}, `labels[0]: there is no label "env:prod"`},
		"a filter that cannot be read": {func(e *workspace.Edit) {
			e.PutFilter(&workspace.Filter{Destination: pages.Destination, Name: "F", If: `type ==`, Actions: []filter.RuleAction{{Type: filter.Drop}}})
		}, `if: character 7: want a field, a value or a function, got =`},
		"a filter that does what there is not": {func(e *workspace.Edit) {
			e.PutFilter(&workspace.Filter{Destination: pages.Destination, Name: "F", If: `all`, Actions: []filter.RuleAction{{Type: "EAT"}}})
		}, `actions[0]: there is no action "EAT"`},
		"settings that are no object": {func(e *workspace.Edit) {
			d := *e.Now().DestinationBySlug("sink")
			d.Settings = json.RawMessage(`[]`)
			e.PutDestination(&d)
		}, `settings: want an object`},
	} {
		t.Run(name, func(t *testing.T) {
			before := r.Snapshot().Revision
			_, err := r.Edit(t.Context(), func(e *workspace.Edit) error {
				c.edit(e)
				return nil
			})
			if invalid, ok := errors.AsType[*workspace.InvalidError](err); !ok || len(invalid.Problems) != 1 || !strings.HasPrefix(invalid.Problems[0].String(), c.want) {
				t.Errorf("edit: %v, want %s", err, c.want)
			}
			if r.Snapshot().Revision != before {
				t.Error("the workspace has changed")
			}
		})
	}
}

// What is not complete can be stored while it is off, or loosely; a file that says the same changes nothing then.
func TestDrafts(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	r.edit(t, func(e *workspace.Edit) {
		e.Loose = true
		e.PutMapping(&workspace.Mapping{
			Destination: r.Snapshot().DestinationBySlug("sink").ID, Name: "Loose", Action: "send", Enabled: true, Trigger: `type = "track"`, Fields: json.RawMessage(`{"url":"nowhere"}`),
		})
	})
	text := r.export(t)
	if plan := r.apply(t, text, workspace.ApplyOptions{Prune: true}); len(plan.Changes) > 0 {
		t.Errorf("applying its own export changed %v", changes(plan))
	}
	if _, err := r.Apply(t.Context(), parse(t, strings.Replace(text, "nowhere", "elsewhere", 1)), workspace.ApplyOptions{}); err == nil {
		t.Error("a file changes a mapping that is on to what is not complete: taken")
	}
}

// A filter is part of what every mapping of its destination is fenced with, while it is on.
func TestFencesFollowFilters(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	sink := r.Snapshot().DestinationBySlug("sink").ID
	f := workspace.Filter{Destination: sink, Name: "Our own", If: `contains(userId, "test")`, Actions: []filter.RuleAction{{Type: filter.Drop}}}
	for _, step := range []struct {
		name string
		edit func(*workspace.Edit)
		want int
	}{
		{"made, and off", func(e *workspace.Edit) { e.PutFilter(&f) }, 1},
		{"on", func(e *workspace.Edit) {
			next := f
			next.Enabled = true
			e.PutFilter(&next)
		}, 2},
		{"described", func(e *workspace.Edit) {
			next := f
			next.Enabled, next.Description = true, "Whoever tests."
			e.PutFilter(&next)
		}, 2},
		{"deleted", func(e *workspace.Edit) { e.DeleteFilter(f.ID) }, 3},
	} {
		r.edit(t, step.edit)
		if got := len(r.fences(t)); got != step.want {
			t.Fatalf("%s: %d fences, want %d", step.name, got, step.want)
		}
	}
	all := r.fences(t)
	if got := string(all[1].Spec); !strings.Contains(got, `"filters":[{"name":"Our own","if":"contains(userId, \"test\")","actions":[{"type":"DROP"}]}]`) || all[1].Revision <= all[0].Revision {
		t.Errorf("fence with a filter: %s", got)
	}
	if diff := cmp.Diff(string(all[0].Spec), string(all[2].Spec)); diff != "" {
		t.Errorf("without it (-want +got):\n%s", diff)
	}
}

func TestDeletesCascade(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	r.edit(t, func(e *workspace.Edit) {
		e.PutLabel(&workspace.Label{Key: "env", Value: "prod"})
		s := *e.Now().SourceBySlug("website")
		s.Labels = []workspace.LabelRef{{Key: "env", Value: "prod"}}
		e.PutSource(&s)
	})
	plan := r.edit(t, func(e *workspace.Edit) { e.DeleteLabel(workspace.LabelRef{Key: "env", Value: "prod"}) })
	if diff := cmp.Diff([]string{"update source website", "delete label env:prod"}, changes(plan)); diff != "" {
		t.Errorf("a label (-want +got):\n%s", diff)
	}
	plan = r.edit(t, func(e *workspace.Edit) { e.DeleteSource(e.Now().SourceBySlug("website").ID) })
	if diff := cmp.Diff([]string{"delete mapping sink/Pages", "delete mapping sink/Tracks", "delete destination sink", "delete source website"}, changes(plan)); diff != "" {
		t.Errorf("a source (-want +got):\n%s", diff)
	}
	if last := r.fences(t); last[len(last)-1].State != record.FenceDeleted {
		t.Errorf("fences: %v", states(last))
	}
}

// A preview changes nothing, and knows what is there and what would be.
func TestPreview(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	revision := r.Snapshot().Revision
	plan, err := r.Preview(t.Context(), func(e *workspace.Edit) error {
		m := r.tracks()
		m.Enabled = false
		e.PutMapping(&m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	id := r.tracks().ID
	if !plan.Before.On(plan.Before.Mapping(id)) || plan.After.On(plan.After.Mapping(id)) || r.Snapshot().Revision != revision {
		t.Errorf("preview: %v", changes(plan))
	}
}

// The edit function sees what others have done meanwhile: of changes at the same moment, none is lost.
func TestConcurrentEdits(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	other := rigOn(t, r.kv, r.log, newCatalog())
	done := make(chan error)
	const each = 5
	for i, node := range []*rig{r, other} {
		go func() {
			for k := range each {
				_, err := node.Edit(t.Context(), func(e *workspace.Edit) error {
					s := *e.Now().SourceBySlug("website")
					s.WriteKeys = append(append([]string{}, s.WriteKeys...), fmt.Sprintf("wk_more_%d_%d", i, k))
					e.PutSource(&s)
					return nil
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Edit(t.Context(), func(*workspace.Edit) error { return errors.ErrUnsupported }); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error of an edit: %v", err)
	}
	r.edit(t, func(e *workspace.Edit) { // on what there is: what this node has not yet seen is a conflict, and seen then
		s := *e.Now().SourceBySlug("website")
		s.WriteKeys = append(append([]string{}, s.WriteKeys...), "wk_more_last")
		e.PutSource(&s)
	})
	if n := len(r.Snapshot().SourceBySlug("website").WriteKeys); n != 2+2*each+1 {
		t.Errorf("%d write keys, want %d", n, 2+2*each+1)
	}
}

func TestFreeSlug(t *testing.T) {
	taken := map[string]bool{"web-shop": true, strings.Repeat("a", 64): true}
	for text, want := range map[string]string{
		"Web Shop!": "web-shop-2", " Ünï ": "n", "???": "source", strings.Repeat("a", 70): strings.Repeat("a", 62) + "-2", "a -- b": "a-b",
	} {
		if got := workspace.FreeSlug(text, "source", func(slug string) bool { return taken[slug] }); got != want || !workspace.IsSlug(got) {
			t.Errorf("slug of %q: %s, want %s", text, got, want)
		}
	}
}
