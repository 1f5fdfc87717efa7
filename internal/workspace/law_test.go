package workspace_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/filter"
	"penstock/internal/workspace"
)

// Export writes what Apply, on the same workspace or an empty one, makes the same workspace of.
func TestExportApplyExportIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		drawn := drawFile().Draw(rt, "file")
		doc, err := drawn.JSON()
		if err != nil {
			rt.Fatal(err)
		}
		first := newRig(t)
		first.apply(rt, string(doc), workspace.ApplyOptions{})
		text := first.export(rt)
		if plan := first.apply(rt, text, workspace.ApplyOptions{Prune: true}); len(plan.Changes) > 0 {
			rt.Fatalf("applying its own export changed %+v\n%s", plan.Changes, text)
		}
		second := newRig(t)
		second.apply(rt, text, workspace.ApplyOptions{})
		if diff := cmp.Diff(text, second.export(rt)); diff != "" {
			rt.Fatalf("export of another workspace made by it (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(configured(first.Snapshot()), configured(second.Snapshot())); diff != "" {
			rt.Fatalf("what is stored (-first +second):\n%s", diff)
		}
		if len(first.fences(rt)) > len(drawn.Destinations)*2 {
			rt.Fatalf("fences: %+v", first.fences(rt))
		}
	})
}

// configured is what mappings do, by destination and name.
func configured(s *workspace.Snapshot) map[string]any {
	all := map[string]any{}
	for _, m := range s.Mappings() {
		all[s.Destination(m.Destination).Slug+"/"+m.Name] = []string{m.Action, m.Trigger, string(m.Fields), fmt.Sprint(s.On(m))}
	}
	for _, d := range s.Destinations() {
		all[d.Slug+" filters"] = s.Spec(&workspace.Mapping{Destination: d.ID}).Filters
		all[d.Slug] = []string{d.Name, string(d.Settings), s.Source(d.Source).Slug}
	}
	return all
}

// drawText makes texts of what YAML and references are touchy about.
func drawText() *rapid.Generator[string] {
	odd := rapid.StringOfN(rapid.SampledFrom([]rune("aZ0 :#-{}[]$%&*!|>'\"\\,?@`~\t\né😀\u2028\u0085.=/_<")), 0, 12, -1)
	return rapid.OneOf(odd, rapid.SampledFrom([]string{
		"true", "No", "null", "~", "1", "1e5", "0x1F", "00012", "1_000", ".5", "-", "---", "2024-01-01", "a: b", "a #b", " a ", "- a", "<<", "=", "${PENSTOCK_URL}/x", "$${PENSTOCK_URL}",
	}), rapid.String())
}

func drawName(prefix string) *rapid.Generator[string] {
	return rapid.Map(rapid.StringOfN(rapid.SampledFrom([]rune("aZ0 :#-{}[]$%&*!|>'\"\\,?@`~é😀.=/_")), 0, 8, -1), func(s string) string {
		return escapeAll(prefix + s)
	})
}

// noReferences takes the references out of a drawn text that are none to the public URL.
func noReferences(s string) string {
	doc, _ := json.Marshal(s)
	if string(workspace.ResolveJSON(doc, "x")) != string(doc) {
		return s
	}
	return escapeAll(s)
}

func escapeAll(s string) string {
	out := ""
	for i := range len(s) {
		if s[i] == '{' && i > 0 && s[i-1] == '$' {
			out = out[:len(out)-1] + "$$"
		}
		out += s[i : i+1]
	}
	return out
}

func drawAt(t *rapid.T, depth int) any {
	most := 6
	if depth == 0 {
		most = 4
	}
	switch rapid.IntRange(0, most).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.SampledFrom([]json.Number{"0", "-1", "1.0", "1e5", "12345678901234567890123", "0.10", "-0", "1E+2"}).Draw(t, "number")
	case 3, 4:
		return noReferences(drawText().Draw(t, "text"))
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, drawAt(t, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		object["n"+noReferences(drawText().Draw(t, "name"))] = drawAt(t, depth-1) // an "@" first would make it a directive
	}
	return object
}

// drawFields makes fields that the action of the tests takes.
func drawFields() *rapid.Generator[json.RawMessage] {
	return rapid.Custom(func(t *rapid.T) json.RawMessage {
		object := map[string]any{}
		for i := range rapid.IntRange(0, 4).Draw(t, "fields") {
			object[fmt.Sprintf("field_%d", i)] = drawAt(t, 3)
		}
		doc, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	})
}

func drawApp(t *rapid.T, i int) workspace.FileApp {
	on := rapid.Ptr(rapid.Bool(), true)
	a := workspace.FileApp{
		Slug: fmt.Sprintf("app-%d", i), Name: drawName("A").Draw(t, "name"), Key: fmt.Sprintf("%032d", i),
		Region:            rapid.SampledFrom([]string{"", "us", "us1", "eu", "jp", "au"}).Draw(t, "region"),
		SharedSecret:      rapid.SampledFrom([]string{"", fmt.Sprintf("a-secret-of-the-app-%d", i)}).Draw(t, "shared secret"),
		AnonymousVisitors: rapid.Bool().Draw(t, "anonymous"), AccountFromContext: rapid.Bool().Draw(t, "account from context"),
		Retention:      rapid.SampledFrom([]*workspace.AppRetention{nil, {Months: 1}, {Months: 84}}).Draw(t, "app retention"),
		AcceptIdentify: on.Draw(t, "identify"), AcceptGroup: on.Draw(t, "group"),
	}
	for k := range rapid.IntRange(0, 2).Draw(t, "old keys") {
		a.OldKeys = append(a.OldKeys, fmt.Sprintf("%031da", 10*i+k))
	}
	return a
}

// drawObject makes settings that are kept for clients.
func drawObject() *rapid.Generator[json.RawMessage] {
	return rapid.Custom(func(t *rapid.T) json.RawMessage {
		doc, err := json.Marshal(map[string]any{"note": escapeAll(drawText().Draw(t, "note")), "n": drawAt(t, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return json.RawMessage(strings.ReplaceAll(strings.ReplaceAll(string(doc), "$${", "${"), "${", "$${"))
	})
}

func drawFile() *rapid.Generator[*workspace.File] {
	return rapid.Custom(func(t *rapid.T) *workspace.File {
		f := &workspace.File{}
		for i := range rapid.IntRange(0, 2).Draw(t, "apps") {
			f.Apps = append(f.Apps, drawApp(t, i))
		}
		on := rapid.Ptr(rapid.Bool(), true)
		var labels []workspace.LabelRef
		for i := range rapid.IntRange(0, 2).Draw(t, "labels") {
			l := workspace.FileLabel{Key: drawName(fmt.Sprint("K", i)).Draw(t, "key"), Value: drawName("V").Draw(t, "value"), Description: drawName("D").Draw(t, "description")}
			f.Labels = append(f.Labels, l)
			labels = append(labels, workspace.LabelRef{Key: l.Key, Value: l.Value})
		}
		for i := range rapid.IntRange(1, 2).Draw(t, "sources") {
			f.Sources = append(f.Sources, workspace.FileSource{
				Retention: rapid.SampledFrom([]*workspace.Retention{nil, {Days: 3, Bytes: 1 << 40}, {BacklogHours: 5, BacklogBytes: 7, WhenFull: workspace.DiscardOld}}).Draw(t, "retention"),
				Slug:      fmt.Sprintf("source-%d", i), Name: drawName("S").Draw(t, "name"), Type: "server", Enabled: on.Draw(t, "on"),
				WriteKeys: []string{fmt.Sprintf("%09d", i)}, Labels: labels[:rapid.IntRange(0, len(labels)).Draw(t, "marked")],
				Settings: drawObject().Draw(t, "settings"), Schema: json.RawMessage(`{"track":{"allowUnplannedEvents":true}}`),
			})
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "destinations") {
			d := workspace.FileDestination{
				Slug: fmt.Sprintf("sink-%d", i), Name: drawName("D").Draw(t, "name"), Source: "source-0", Type: "actions-webhook", Enabled: on.Draw(t, "on"),
				Settings: json.RawMessage(`{"label":"x"}`),
			}
			for k := range rapid.IntRange(0, 2).Draw(t, "filters") {
				percent := rapid.Float64Range(0, 1).Draw(t, "percent")
				d.Filters = append(d.Filters, workspace.FileFilter{
					Name: drawName(fmt.Sprint("F", k)).Draw(t, "name"), Description: drawName("D").Draw(t, "description"), Enabled: on.Draw(t, "on"), If: `contains(event, "$${")`,
					Actions: []filter.RuleAction{{Type: filter.Sample, Percent: &percent, Path: "userId"}, {Type: filter.DropProperties, Fields: map[string][]string{"properties": {noReferences(drawText().Draw(t, "dropped"))}}}},
				})
			}
			for k := range rapid.IntRange(0, 2).Draw(t, "mappings") {
				d.Mappings = append(d.Mappings, workspace.FileMapping{
					Name: drawName(fmt.Sprint("M", k)).Draw(t, "name"), Action: "send", Enabled: on.Draw(t, "on"), Trigger: `type = "track"`,
					Fields: drawFields().Draw(t, "fields"),
				})
			}
			f.Destinations = append(f.Destinations, d)
		}
		return f
	})
}
