package trigger_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/trigger"
)

func form(t testing.TB, text string) string {
	t.Helper()
	f, err := parse(t, text).Form()
	if err != nil {
		return err.Error()
	}
	out, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestForm(t *testing.T) {
	for _, c := range []struct{ text, form string }{
		{`type = "track"`, `{"join":"and","groups":[{"join":"and","conditions":[{"field":"type","operator":"=","value":"track"}]}]}`},
		{`event = "A" or event = "B"`, `{"join":"and","groups":[{"join":"or","conditions":[{"field":"event","operator":"=","value":"A"},{"field":"event","operator":"=","value":"B"}]}]}`},
		{
			`type = "track" and (traits.a\ b <= 5 or match(properties.plan, "pro*"))`,
			`{"join":"and","groups":[{"join":"and","conditions":[{"field":"type","operator":"=","value":"track"}]},{"join":"or","conditions":[{"field":"traits","name":"a b","operator":"\u003c=","value":5},{"field":"properties","name":"plan","operator":"starts_with","value":"pro"}]}]}`,
		},
		{
			`(type = "track" and userId != null) or (context.ip = null and !match(event, "*x"))`,
			`{"join":"or","groups":[{"join":"and","conditions":[{"field":"type","operator":"=","value":"track"},{"field":"userId","operator":"exists"}]},{"join":"and","conditions":[{"field":"context","name":"ip","operator":"not_exists"},{"field":"event","operator":"not_ends_with","value":"x"}]}]}`,
		},
		{`type = "track" and ()`, "at character 1: empty parentheses cannot be shown as a group of conditions; expected a condition"},
		{`type = "track" and event > 5`, "at character 20: `event > \"5\"` cannot be shown as a group of conditions; expected one of the operators = != contains not_contains starts_with not_starts_with ends_with not_ends_with"},
		{`properties\. = "x"`, "at character 1: `properties\\. = \"x\"` cannot be shown as a group of conditions; expected a member of properties"},
		{`traits.vip != true`, "at character 1: `traits.vip != true` cannot be shown as a group of conditions; expected one of the operators " + strings.Join(trigger.FormOperators("traits"), " ")},
	} {
		if got := form(t, c.text); got != c.form {
			t.Errorf("form of %s\n got %s\nwant %s", c.text, got, c.form)
		}
	}
}

// A form is written as Segment's application writes it.
func TestFormText(t *testing.T) {
	for _, c := range []struct{ form, text string }{
		{`{"join":"and","groups":[{"join":"or","conditions":[{"field":"event","operator":"=","value":"A"},{"field":"properties","name":"a b","operator":"contains","value":"x"}]}]}`, `event = "A" or contains(properties.a\ b, "x")`},
		{`{"join":"and","groups":[{"join":"or","conditions":[{"field":"type","operator":"=","value":"track"}]},{"join":"or","conditions":[{"field":"name","operator":"exists"},{"field":"traits","name":"n","operator":"number_equals","value":5}]}]}`, `type = "track" and (name != null or traits.n = 5)`},
		{`{"join":"or","groups":[{"join":"and","conditions":[{"field":"event","operator":"starts_with","value":"A"},{"field":"event","operator":"ends_with","value":"B"}]},{"join":"or","conditions":[{"field":"userId","operator":"is_true"}]}]}`, `(event starts_with "A" and match(event, "*B")) or userId = true`},
		{`{"join":"xor","groups":[]}`, `/join: want and or or, got "xor"`},
		{`{"join":"or","groups":[]}`, `/groups: a trigger needs at least one condition`},
		{`{"join":"or","groups":[{"join":"or","conditions":[]}]}`, `/groups/0/conditions: a group needs at least one condition`},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"messageId","operator":"="}]}]}`, `/groups/0/conditions/0/field: there is no field "messageId"; want one of type event name userId properties traits context`},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"name","operator":">","value":5}]}]}`, `/groups/0/conditions/0/operator: name cannot have the operator ">"; want one of ` + strings.Join(trigger.FormOperators("name"), " ")},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"traits","operator":"="}]}]}`, `/groups/0/conditions/0/name: say which member of traits`},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"event","name":"x","operator":"="}]}]}`, `/groups/0/conditions/0/name: event has no members`},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"event","operator":"=","value":5}]}]}`, `/groups/0/conditions/0/value: the operator = wants a text`},
		{`{"join":"or","groups":[{"join":"or","conditions":[{"field":"name","operator":"exists","value":5}]}]}`, `/groups/0/conditions/0/value: the operator exists wants no value`},
	} {
		var f trigger.Form
		if err := json.Unmarshal([]byte(c.form), &f); err != nil {
			t.Fatal(err)
		}
		got, err := f.Text()
		if err != nil {
			got = err.Error()
		}
		if got != c.text {
			t.Errorf("text of %s\n got %s\nwant %s", c.form, got, c.text)
		}
	}
}

func conditions() *rapid.Generator[trigger.Condition] {
	return rapid.Custom(func(t *rapid.T) trigger.Condition {
		c := trigger.Condition{Field: rapid.SampledFrom([]string{"type", "event", "name", "userId", "properties", "traits", "context"}).Draw(t, "field")}
		c.Operator = rapid.SampledFrom(trigger.FormOperators(c.Field)).Draw(t, "operator")
		if slices.Contains([]string{"properties", "traits", "context"}, c.Field) {
			c.Name = rapid.OneOf(rapid.StringN(1, 8, -1), rapid.SampledFrom([]string{"plan", "a.b", "0.name", "and", "x y", "..", "properties", "null.or"})).Draw(t, "name")
		}
		switch c.Operator {
		case "exists", "not_exists", "is_true", "is_false":
		case "number_equals", "number_not_equals", "<", "<=", ">", ">=":
			c.Value = json.RawMessage(rapid.SampledFrom([]string{"0", "5", "-27.5", "1e+21", "1e-7"}).Draw(t, "number"))
		default:
			text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "*", "track", "a\"b", "'x'", "true", "null", "and", "é😀"})).Draw(t, "text")
			c.Value = quoted(text)
		}
		return c
	})
}

// quoted is a text as JSON, with nothing escaped that need not be.
func quoted(text string) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)
	return json.RawMessage(b.String())
}

func forms() *rapid.Generator[trigger.Form] {
	join := rapid.SampledFrom([]string{"and", "or"})
	return rapid.Custom(func(t *rapid.T) trigger.Form {
		f := trigger.Form{Join: join.Draw(t, "join")}
		for range rapid.IntRange(1, 4).Draw(t, "groups") {
			f.Groups = append(f.Groups, trigger.Group{Join: join.Draw(t, "join"), Conditions: rapid.SliceOfN(conditions(), 1, 4).Draw(t, "conditions")})
		}
		return f
	})
}

// plain is what a form is read back as: of one condition nothing is joined, and single conditions are one group.
func plain(f trigger.Form) trigger.Form {
	single := true
	for i, g := range f.Groups {
		if len(g.Conditions) == 1 {
			f.Groups[i].Join = "and"
		}
		single = single && len(g.Conditions) == 1
		for j, c := range g.Conditions {
			if len(c.Value) > 0 {
				var v any
				_ = json.Unmarshal(c.Value, &v)
				if s, ok := v.(string); ok {
					f.Groups[i].Conditions[j].Value = quoted(s)
				}
			}
		}
	}
	switch {
	case len(f.Groups) == 1:
		f.Join = "and"
	case single:
		g := trigger.Group{Join: f.Join}
		for _, one := range f.Groups {
			g.Conditions = append(g.Conditions, one.Conditions...)
		}
		f = trigger.Form{Join: "and", Groups: []trigger.Group{g}}
	}
	return f
}

// equalJSON compares raw values by what they mean.
var equalJSON = cmp.Comparer(func(a, b json.RawMessage) bool {
	var x, y any
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && cmp.Equal(x, y)
})

func TestFormsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := forms().Draw(t, "form")
		text, err := f.Text()
		if err != nil {
			t.Fatal(err)
		}
		tr, err := trigger.Parse(text)
		if err != nil {
			t.Fatalf("parse %q: %v", text, err)
		}
		got, err := tr.Form()
		if err != nil {
			t.Fatalf("form of %q: %v", text, err)
		}
		if diff := cmp.Diff(plain(f), *got, equalJSON); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", text, diff)
		}
	})
}

func TestTextsOfFormsMeanTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, err := trigger.Parse(texts().Draw(t, "text"))
		if err != nil {
			return
		}
		f, err := tr.Form()
		if err != nil {
			return
		}
		text, err := f.Text()
		if err != nil {
			t.Fatalf("form of %q: %v", tr, err)
		}
		again, err := trigger.Parse(text)
		if err != nil {
			t.Fatalf("parse %q: %v", text, err)
		}
		event := []byte(events(false).Draw(t, "event"))
		if tr.Match(event) != again.Match(event) {
			t.Fatalf("%q and %q differ on %s", tr, text, event)
		}
	})
}
