package trigger_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/jsvalue"
	"penstock/internal/trigger"
)

func parse(t testing.TB, text string) *trigger.Trigger {
	t.Helper()
	got, err := trigger.Parse(text)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return got
}

func TestErrorsNameThePlace(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`type!="track"`, "at character 5: a lone `!`, or a `!=` without a space after it, is not read; expected `!= ` with a space after it, or `!` before a function"},
		{`properties.total>27`, "at character 17: the character `>` cannot follow a name; put a space before an operator, and a backslash before a character that belongs to the name; expected a space, `.`, `(`, `=` or `!` after the name"},
		{`type = “track”`, "at character 8: the character `“` is a typographic quote; expected a straight double quote, `\"`"},
		{`type = "track" && event = "A"`, "at character 16: the character `&` has no meaning here; expected `and` or `or`"},
		{`userId = 5; event = "A"`, "at character 11: the character `;` has no meaning here; expected a field, a value, an operator or a parenthesis"},
		{`type = "track`, "at character 8: the string that begins here does not end; expected a closing `\"`"},
		{`(type = "track"`, "at character 1: the parenthesis that opens here is not closed (parentheses cannot be nested, and a function's own `)` ends them); expected a closing `)`"},
		{`type`, "at character 5: the condition on `type` is not complete; expected an operator and a value, as in = \"track\""},
		{``, `at character 1: the trigger holds no condition; expected a condition on type, event, name, userId, properties, traits or context, such as type = "track"`},
		{`foo = 1`, `at character 1: the trigger holds no condition; expected a condition on type, event, name, userId, properties, traits or context, such as type = "track"`},
		{strings.Repeat("a", trigger.UnitsMax+1), "at character 100001: the trigger is longer than 100000 characters; expected the end"},
	} {
		_, err := trigger.Parse(c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("parse %.40q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestExplain(t *testing.T) {
	event := []byte(`{"type":"identify","event":null,"properties":{"total":5,"plan":"free"},"userId":"u"}`)
	for _, c := range []struct{ text, want string }{
		{`type = "track"`, "did not match `type = \"track\"`: type is \"identify\""},
		{`type = "identify" and properties.total > 5`, "did not match `properties.total > 5`: properties.total is 5"},
		{`type = "track" or event = "Order"`, "did not match `type = \"track\"`: type is \"identify\"; nor `event = \"Order\"`: event is null"},
		{`properties.nope != null and type = "track"`, "did not match `properties.nope != null`: properties.nope is missing"},
		{`type = "identify"`, "matched `type = \"identify\"`"},
		{`type = "identify" and ()`, "did not match: the trigger holds empty parentheses `()`, which cannot be evaluated; remove them"},
	} {
		if got := parse(t, c.text).Explain(event).Text; got != c.want {
			t.Errorf("explain %s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
	got := parse(t, `type = "track" and (userId = "u" or contains(properties.plan, "pro"))`).Explain(event)
	want := []trigger.Clause{
		{Text: `type = "track"`, Field: "type", Actual: `"identify"`, Evaluated: true},
		{Text: `userId = "u"`, Field: "userId", Actual: `"u"`, Matched: true},
		{Text: `contains(properties.plan, "pro")`, Field: "properties.plan", Actual: `"free"`},
	}
	if diff := cmp.Diff(want, got.Clauses); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralMembersWithOneNameTheLastCounts(t *testing.T) {
	event := []byte(`{"type":"page","properties":{"a":1,"a":2},"type":"track","p\u0072operties":{"b":"x\u0041"}}`)
	for text, want := range map[string]bool{`type = "track"`: true, `properties.a = 2`: false, `properties.b = "xA"`: true} {
		if got, err := parse(t, text).Evaluate(event); got != want || err != nil {
			t.Errorf("evaluate %s: %v %v", text, got, err)
		}
	}
}

func TestHoleIsNoMatch(t *testing.T) {
	tr := parse(t, `type = "track" and ()`)
	if tr.Match([]byte(`{"type":"track"}`)) {
		t.Error("a hole matched")
	}
	if _, err := tr.Evaluate([]byte(`{"type":"track"}`)); !errors.Is(err, trigger.ErrHole) {
		t.Errorf("evaluate: %v", err)
	}
}

// words are pieces that texts of the language are made of, good and bad.
var words = []string{
	"type", "event", "name", "userId", "properties.a", "properties.a.b", "traits.x", "context.app.name", "properties.\\0.name", "properties", "properties\\.",
	"=", "!=", "<", "<=", ">", ">=", "!", "and", "or", "(", ")", ",", ".", "[", "]", "contains", "match", "contains(", "match(", "!contains(",
	`"track"`, `"tr*"`, `"*ck"`, `'a"b'`, `"é😀"`, "5", "-", "27.5", "-0", "1e21", "true", "false", "null", "\\null", "exists", "starts_with", "toString", "~", "\"", "😀",
	`"track"`, `"`, " ", "  ", "\n", "and\\ x", "\\a\"b",
}

func texts() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom(words), 0, 14).Draw(t, "words")
		return strings.Join(parts, rapid.SampledFrom([]string{" ", ""}).Draw(t, "separator"))
	})
}

func values() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{`"track"`, `"tr"`, `"x\"y"`, `"é😀"`, `"\ud83d\ude00"`, `"\ude00"`, `5`, `27.5`, `-0`, `0`, `1e400`, `""`, `true`, `false`, `null`, `[]`, `[1,{"b":"track"}]`, `{}`, `{"b":"track","name":"q"}`, `{"b":5,"b":27.5}`})
}

// events draws events; repeated: of some members there may be two.
func events(repeated bool) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString("{")
		keys := rapid.SampledFrom([]string{"type", "event", "name", "userId", "prop", `t\u0079pe`})
		if !repeated {
			keys = rapid.SampledFrom([]string{"type", "event", "name", "userId", "prop"})
		}
		for i, key := range rapid.SliceOfNDistinct(keys, 0, 4, rapid.ID).Draw(t, "keys") {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(`"` + key + `": ` + values().Draw(t, key))
		}
		for _, key := range []string{"properties", "traits", "context"} {
			if b.Len() > 1 {
				b.WriteString(",")
			}
			b.WriteString(`"` + key + `":`)
			if rapid.IntRange(0, 5).Draw(t, "bare") == 0 {
				b.WriteString(values().Draw(t, key))
				continue
			}
			b.WriteString(`{"a":` + values().Draw(t, "a") + `,"x":` + values().Draw(t, "x") + `,"0":` + values().Draw(t, "0") + `,"app":{"name":` + values().Draw(t, "n") + `}}`)
		}
		return b.String() + "}"
	})
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		repeated := rapid.Bool().Draw(t, "repeated")
		text, event := texts().Draw(t, "text"), []byte(events(repeated).Draw(t, "event"))
		tr, err := trigger.Parse(text)
		if err != nil {
			if _, ok := errors.AsType[*trigger.Error](err); !ok {
				t.Fatalf("parse: %v is no *Error", err)
			}
			return
		}
		before := bytes.Clone(event)
		got, broken := tr.Evaluate(event)
		if want, wantBroken := naive(tr.Root(), event); got != want || (broken != nil) != wantBroken {
			t.Fatalf("evaluate: %v %v, naive: %v %v", got, broken, want, wantBroken)
		}
		if (!repeated && tr.Match(event) != got) || tr.Explain(event).Matched != got {
			t.Fatal("Match or Explain disagrees with Evaluate")
		}
		if !bytes.Equal(before, event) {
			t.Fatal("the event was changed")
		}
		again, err := trigger.Parse(tr.String())
		if err != nil {
			t.Fatalf("print: %q: %v", tr.String(), err)
		}
		if again.String() != tr.String() {
			t.Fatalf("print: %q, again %q", tr.String(), again.String())
		}
		if m, b := again.Evaluate(event); m != got || (b != nil) != (broken != nil) {
			t.Fatalf("print: %q means something else", tr.String())
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c.text(), []byte(c.Event))
	}
	f.Fuzz(func(t *testing.T, text string, event []byte) {
		tr, err := trigger.Parse(text)
		if err != nil {
			return
		}
		tr.Match(event)
		got, broken := tr.Evaluate(event)
		if x := tr.Explain(event); x.Matched != got {
			t.Errorf("explain says %v, evaluate %v", x.Matched, got)
		}
		again, err := trigger.Parse(tr.String())
		if err != nil {
			t.Fatalf("print %q: %q: %v", text, tr.String(), err)
		}
		if m, b := again.Evaluate(event); m != got || (b != nil) != (broken != nil) {
			t.Errorf("print %q: %q means something else", text, tr.String())
		}
	})
}

// sample is an event as it lies on the log.
const sample = `{"type":"track","messageId":"022bb90c-bbac-11e4-8dfc-aa07a5b093db","anonymousId":"507f191e810c19729de860ea","channel":"server","context":{"app":{"name":"Acme","version":"545"},"ip":"8.8.8.8","library":{"name":"@segment/analytics-node","version":"2.1.0"},"locale":"en-US","page":{"path":"/academy/","referrer":"","title":"Analytics Academy","url":"https://acme.example/academy/"},"timezone":"Europe/Amsterdam","userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) AppleWebKit/601.1.46"},"event":"Order Completed","integrations":{},"originalTimestamp":"2026-02-23T22:28:55.387Z","properties":{"order_id":"50314b8e9bcf000000000000","total":27.5,"currency":"USD","products":[{"sku":"45790-32","price":19}]},"receivedAt":"2026-02-23T22:28:55.387Z","userId":"97980cfea0067"}`

const threeClauses = `type = "track" and event = "Order Completed" and properties.total > 20`

func BenchmarkMatch(b *testing.B) {
	tr := parse(b, threeClauses)
	event := []byte(sample)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if !tr.Match(event) {
			b.Fatal("no match")
		}
	}
}

func BenchmarkNoMatchByType(b *testing.B) {
	tr := parse(b, `type = "identify" and traits.plan = "pro"`)
	event := []byte(sample)
	b.ReportAllocs()
	for b.Loop() {
		if tr.Match(event) {
			b.Fatal("a match")
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	tr := parse(t, threeClauses)
	event := []byte(sample)
	if n := testing.AllocsPerRun(100, func() { tr.Match(event) }); n != 0 {
		t.Errorf("match allocates %v times", n)
	}
}

// naive evaluates on values that are decoded as a whole, clause by clause.
func naive(n *trigger.Node, event []byte) (matched, broken bool) {
	if n == nil {
		return false, true
	}
	if n.Type == trigger.TypeGroup {
		for _, c := range n.Children {
			m, b := naive(c, event)
			if b || m == (n.Operator == "or") {
				return m, b
			}
		}
		return n.Operator != "or", false
	}
	v, ok := jsvalue.DecodeText(string(event))
	if !ok {
		panic("the event is not JSON")
	}
	container := map[trigger.Type]string{trigger.TypeEventType: "type", trigger.TypeEvent: "event", trigger.TypeName: "name", trigger.TypeUserID: "userId", trigger.TypeProperty: "properties", trigger.TypeTrait: "traits", trigger.TypeContext: "context"}[n.Type]
	v = v.Get(jsvalue.NewKey(container))
	if strings.HasPrefix(string(n.Type), "event-") && n.Type != trigger.TypeEventType {
		for _, name := range strings.FieldsFunc(n.Name, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
			if !v.Truthy() {
				break
			}
			v = v.Get(jsvalue.NewKey(name))
		}
	}
	return naiveHolds(n, v), false
}

func naiveHolds(n *trigger.Node, v jsvalue.Value) bool {
	expected := n.Value.Text()
	number := n.Value.Float()
	if n.Value.Kind() == jsvalue.String {
		number = jsvalue.ParseNumber(expected)
	}
	isString, isNumber, f := v.Kind() == jsvalue.String, v.Kind() == jsvalue.Number, v.Float()
	actual := units(v.Str())
	switch n.Operator {
	case "=":
		return isString && v.Str() == expected
	case "!=":
		return !isString || v.Str() != expected
	case "number_equals":
		return isNumber && f == number
	case "number_not_equals":
		return isNumber && f != number
	case "<":
		return isNumber && f < number
	case "<=":
		return isNumber && f <= number
	case ">":
		return isNumber && f > number
	case ">=":
		return isNumber && f >= number
	case "contains":
		return isString && strings.Contains(actual, units(expected))
	case "not_contains":
		return isString && !strings.Contains(actual, units(expected))
	case "starts_with":
		return isString && strings.HasPrefix(actual, units(expected))
	case "not_starts_with":
		return isString && !strings.HasPrefix(actual, units(expected))
	case "ends_with":
		return isString && strings.HasSuffix(actual, units(expected))
	case "not_ends_with":
		return isString && !strings.HasSuffix(actual, units(expected))
	case "exists":
		return v.Kind() != jsvalue.Null && v.Kind() != jsvalue.Undefined
	case "not_exists":
		return v.Kind() == jsvalue.Null || v.Kind() == jsvalue.Undefined
	case "is_true":
		return v.Text() == "true" && v.Kind() == jsvalue.Boolean
	case "is_false":
		return v.Text() == "false" && v.Kind() == jsvalue.Boolean
	}
	return false
}

// units spells each UTF-16 code unit as a character of its own.
func units(s string) string {
	var b strings.Builder
	for _, u := range jsvalue.Units(s) {
		b.WriteRune(rune(u) + 0x20000)
	}
	return b.String()
}

// BenchmarkByteLoop is what the figures of BenchmarkMatch are compared with, since machines differ: a look at every byte of the event.
func BenchmarkByteLoop(b *testing.B) {
	event := []byte(sample)
	b.SetBytes(int64(len(event)))
	for b.Loop() {
		quotes := 0
		for _, c := range event {
			if c == '"' {
				quotes++
			}
		}
		if quotes == 0 {
			b.Fatal("no quotes")
		}
	}
}
