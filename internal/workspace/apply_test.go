package workspace_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/kvtest"
	"penstock/internal/workspace/memkv"
)

func TestMemKV(t *testing.T) {
	kvtest.Run(t, func(*testing.T) workspace.KV { return memkv.New() })
}

const base = `
apps:
  - {slug: acme, name: Acme, key: AAAAAAAA-0000-0000-0000-000000000001}
sources:
  - {slug: website, name: Website, type: javascript, writeKeys: [wk_website_1, wk_website_2]}
destinations:
  - slug: sink
    name: Sink
    source: website
    type: actions-webhook
    settings: {sharedSecret: s3cret, label: one}
    mappings:
      - {name: Tracks, action: send, trigger: type = "track", fields: {url: "http://localhost", method: POST, data: {"@path": "$."}}}
      - {name: Pages, action: send, enabled: false, trigger: type = "page", fields: {url: "http://localhost", method: POST}}
`

// changes is a plan in short.
func changes(p *workspace.Plan) []string {
	var all []string
	for _, c := range p.Changes {
		all = append(all, fmt.Sprintf("%s %s %s", c.Op, c.Kind, c.Name))
	}
	return all
}

func states(fences []record.Fence) []record.FenceState {
	var all []record.FenceState
	for _, f := range fences {
		all = append(all, f.State)
	}
	return all
}

func TestLookups(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	s := r.Snapshot()
	website, sink, acme := s.SourceBySlug("website"), s.DestinationBySlug("sink"), s.AppBySlug("acme")
	if website == nil || sink == nil || acme == nil {
		t.Fatalf("by slug: %v, %v, %v", website, sink, acme)
	}
	if s.SourceByWriteKey("wk_website_2") != website || s.Source(website.ID) != website || s.SourceByWriteKey("wk_website_3") != nil {
		t.Error("source by write key or id")
	}
	for _, key := range []string{"aaaaaaaa000000000000000000000001", "AAAAAAAA-0000-0000-0000-000000000001", "AAAAAAAA000000000000000000000001"} {
		if s.AppByKey(key) != acme {
			t.Errorf("app by key %s not found", key)
		}
	}
	if got := s.MappingsOfSource(website.ID); len(got) != 2 || got[0].Name != "Pages" || s.Mapping(got[1].ID) != got[1] || s.On(got[0]) || !s.On(got[1]) {
		t.Errorf("mappings of source: %+v", got)
	}
	if got := s.DestinationsOfSource(website.ID); len(got) != 1 || got[0] != sink {
		t.Errorf("destinations of source: %+v", got)
	}
	for _, id := range []string{website.ID, acme.ID, s.MappingsOfSource(website.ID)[0].ID} {
		if !regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{22}$`).MatchString(id) {
			t.Errorf("id %q is not 22 characters of base 58", id)
		}
	}
	if !regexp.MustCompile(`^[0-9a-f]{24}$`).MatchString(sink.ID) {
		t.Errorf("id %q is not 24 hexadecimal digits", sink.ID)
	}
}

func TestApplyChangesWhatTheFileNames(t *testing.T) {
	r := newRig(t)
	want := []string{"create app acme", "create source website", "create destination sink", "create mapping sink/Tracks", "create mapping sink/Pages"}
	if diff := cmp.Diff(want, changes(r.apply(t, base, workspace.ApplyOptions{}))); diff != "" {
		t.Errorf("first apply (-want +got):\n%s", diff)
	}
	if plan := r.apply(t, base, workspace.ApplyOptions{}); len(plan.Changes) != 0 || plan.Unchanged != 5 {
		t.Errorf("second apply: %+v, want 5 unchanged", plan)
	}
	id := r.Snapshot().SourceBySlug("website").ID
	second := `
sources:
  - {slug: website, name: Web, type: javascript, writeKeys: [wk_website_1]}
  - {slug: server, name: Server, type: server, writeKeys: [wk_website_2]}
`
	want = []string{"update source website", "create source server"}
	if diff := cmp.Diff(want, changes(r.apply(t, second, workspace.ApplyOptions{}))); diff != "" {
		t.Errorf("a key moves from source to source (-want +got):\n%s", diff)
	}
	if s := r.Snapshot(); s.SourceBySlug("website").ID != id || s.SourceByWriteKey("wk_website_2").Slug != "server" || s.DestinationBySlug("sink") == nil {
		t.Errorf("after the second file: %+v", s.Sources())
	}
	want = []string{"delete mapping sink/Pages", "delete mapping sink/Tracks", "delete destination sink", "delete app acme"}
	if diff := cmp.Diff(want, changes(r.apply(t, second, workspace.ApplyOptions{Prune: true}))); diff != "" {
		t.Errorf("prune (-want +got):\n%s", diff)
	}
}

func TestApplyRefuses(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"a write key of another source": {
			`sources: [{slug: other, name: Other, type: server, writeKeys: [wk_website_1]}]`,
			`sources[0].writeKeys[0]: the write key "wk_website_1" belongs to source website already`,
		},
		"an app key of another app, written otherwise": {
			`apps: [{slug: other, name: Other, key: aaaaaaaa000000000000000000000001}]`,
			`apps[0].key: the key "aaaaaaaa000000000000000000000001" belongs to app acme already`,
		},
		"another source for a destination": {
			`{sources: [{slug: other, name: Other, type: server, writeKeys: [wk_other_1]}], destinations: [{slug: sink, name: Sink, source: other, type: actions-webhook}]}`,
			`destinations[0].source: the source of a destination cannot change`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.apply(t, base, workspace.ApplyOptions{})
			_, err := r.Apply(t.Context(), parse(t, c.file), workspace.ApplyOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("apply: %v, want %s", err, c.want)
			}
		})
	}
}

func TestSecretsAreMaskedAndStay(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	text := r.export(t)
	if strings.Contains(text, "s3cret") || !strings.Contains(text, `sharedSecret: "••••••••••"`) || !strings.Contains(text, "label: one") {
		t.Errorf("export:\n%s", text)
	}
	r.apply(t, strings.Replace(text, "label: one", "label: two", 1), workspace.ApplyOptions{})
	if got, want := string(r.Snapshot().DestinationBySlug("sink").Settings), `{"sharedSecret":"s3cret","label":"two"}`; got != want {
		t.Errorf("settings after a masked apply: %s, want %s", got, want)
	}
}

func TestFencesFollowTheWorkspace(t *testing.T) {
	r := newRig(t)
	r.apply(t, base, workspace.ApplyOptions{})
	tracks := r.Snapshot().MappingsOfDestination(r.Snapshot().DestinationBySlug("sink").ID)[1]
	steps := []struct {
		name, from, to string
		want           []record.FenceState
	}{
		{"nothing changes", "", "", []record.FenceState{"on"}},
		{"the name of the source, which delivers nothing else", "name: Website,", "name: Web,", []record.FenceState{"on"}},
		{"a setting", "label: one", "label: two", []record.FenceState{"on", "on"}},
		{"the trigger, and the setting back", `type = "track"`, `type = "identify"`, []record.FenceState{"on", "on", "on"}},
		{"the mapping", "{name: Tracks,", "{name: Tracks, enabled: false,", []record.FenceState{"on", "on", "on", "off"}},
		{"the mapping again, and the destination", "name: Sink\n", "name: Sink\n    enabled: false\n", []record.FenceState{"on", "on", "on", "off"}},
		{"all on", "", "", []record.FenceState{"on", "on", "on", "off", "on"}},
		{"the source", "name: Website,", "name: Website, enabled: false,", []record.FenceState{"on", "on", "on", "off", "on", "off"}},
		{"all on again", "", "", []record.FenceState{"on", "on", "on", "off", "on", "off", "on"}},
	}
	var revision uint64
	for _, step := range steps {
		r.apply(t, strings.Replace(base, step.from, step.to, 1), workspace.ApplyOptions{})
		fences := r.fences(t)
		if diff := cmp.Diff(step.want, states(fences)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", step.name, diff)
		}
		last := fences[len(fences)-1]
		if last.Mapping != tracks.ID || last.Type != "actions-webhook" || last.Revision < revision {
			t.Errorf("%s: fence %+v after revision %d", step.name, last, revision)
		}
		revision = last.Revision
	}
	if got := string(r.fences(t)[0].Spec); got != `{"action":"send","trigger":"type = \"track\"","fields":{"url":"http://localhost","method":"POST","data":{"@path":"$."}}}` {
		t.Errorf("spec of the first fence: %s", got)
	}
	r.apply(t, "{}", workspace.ApplyOptions{Prune: true})
	if last := r.fences(t)[7]; last.State != record.FenceDeleted || last.Mapping != tracks.ID || last.Revision <= revision {
		t.Errorf("fence of the deleted mapping: %+v", last)
	}
}

// A crash may come between the bucket and the fence. What is missing is made up for at the next start, once.
func TestReconcileAtStart(t *testing.T) {
	kv, log := memkv.New(), newLog(t)
	first := rigOn(t, kv, log, newCatalog())
	first.apply(t, base, workspace.ApplyOptions{})
	for i, m := range first.Snapshot().Mappings() {
		value := strings.Replace(fmt.Sprintf(`{"id":"%s","destination":"%s","name":"%s","action":"send","enabled":true,"trigger":"","fields":{}}`, m.ID, m.Destination, m.Name), "\n", "", i)
		if _, err := kv.Put(t.Context(), "default.mappings."+m.ID, []byte(value), m.Revision); err != nil {
			t.Fatal(err)
		}
	}
	second := rigOn(t, kv, log, newCatalog())
	for range 2 {
		if err := second.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]record.FenceState{"on", "on", "on"}, states(second.fences(t))); diff != "" {
			t.Errorf("fences after the start (-want +got):\n%s", diff)
		}
	}
}

// Two nodes that apply at the same moment both succeed; the workspace is what one of them says.
func TestConcurrentApply(t *testing.T) {
	kv, log := memkv.New(), newLog(t)
	first := rigOn(t, kv, log, newCatalog())
	first.apply(t, base, workspace.ApplyOptions{})
	nodes := []*rig{first, rigOn(t, kv, log, newCatalog())}
	var wg sync.WaitGroup
	for i, node := range nodes {
		wg.Go(func() {
			for k := range 5 {
				text := strings.Replace(base, "name: Website,", fmt.Sprintf("name: Website %d %d,", i, k), 1)
				f, err := workspace.Parse([]byte(text))
				if err == nil {
					_, err = node.Apply(context.Background(), f, workspace.ApplyOptions{}) //nolint:usetesting // not a test's goroutine
				}
				if err != nil {
					t.Errorf("node %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(nodes[0].Snapshot().Sources()); got != 1 {
		t.Errorf("%d sources, want 1", got)
	}
}

// An entry that cannot be read is passed over, and can be written anew.
func TestUnreadableEntry(t *testing.T) {
	kv := memkv.New()
	if _, err := kv.Put(t.Context(), "default.sources.x", []byte("not JSON"), 0); err != nil {
		t.Fatal(err)
	}
	r := rigOn(t, kv, newLog(t), newCatalog())
	r.apply(t, base, workspace.ApplyOptions{})
	if got := len(r.Snapshot().Sources()); got != 1 {
		t.Errorf("%d sources, want 1", got)
	}
}

var _ workspace.FenceLog = (*eventlog.Log)(nil)
