package mapping_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/jsvalue"
	"penstock/internal/mapping"
)

func compile(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Compile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const event = `{"anonymousId":"507f191e810c19729de860ea","context":{"app":{"name":"Acme","version":"545"},"ip":"8.8.8.8","library":{"name":"@segment/analytics-node","version":"2.1.0"},"locale":"en-US","page":{"path":"/academy/","title":"Analytics Academy","url":"https://acme.example/academy/"},"timezone":"Europe/Amsterdam","userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) AppleWebKit/601.1.46"},"event":"Order Completed","integrations":{},"messageId":"022bb90c-bbac-11e4-8dfc-aa07a5b093db","originalTimestamp":"2026-02-23T22:28:55.387Z","properties":{"order_id":"50314b8e9bcf000000000000","total":27.5,"currency":"USD","big":12345678901234567890,"products":[{"sku":"45790-32","price":19}]},"receivedAt":"2026-02-23T22:28:55.387Z","type":"track","userId":"97980cfea0067"}`

func TestWholeEventIsItsBytes(t *testing.T) {
	m := compile(t, `{"data":{"@path":"$."}}`)
	raw := []byte(event)
	v, err := m.Resolve(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Get(jsvalue.NewKey("data")).Raw(); &got[0] != &raw[0] || len(got) != len(raw) {
		t.Error("the event was copied")
	}
}

func TestPartsKeepTheirDigits(t *testing.T) {
	v, err := compile(t, `{"p":{"@path":"$.properties.big"},"m":{"@merge":{"direction":"right","objects":[{"@path":"$.properties"},{"total":1}]}}}`).Resolve([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"p":12345678901234567890,"m":{"order_id":"50314b8e9bcf000000000000","total":1,"currency":"USD","big":12345678901234567890,"products":[{"sku":"45790-32","price":19}]}}`
	if got := string(v.AppendJSON(nil)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// mappings draws mappings that are mostly valid, of all directives.
func mappings(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{
		`1`, `""`, `"x"`, `null`, `true`, `[]`, `{}`, `{"@path":"$.properties"}`, `{"@path":"$."}`, `{"@path":"$.properties.total"}`, `{"@path":"$.properties.products[0].sku"}`, `{"@path":"nope.x"}`,
		`{"@template":"{{event}}-{{{userId}}}-{{ properties.total }}"}`, `{"@template":"{{{{event}}}} {{}} {{x}"}`, `{"@nope":1}`, `{"@path":5}`, `{"@path":"$.event","x":1}`, `{"@path":"$.event.length"}`,
	})
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) string {
		part := func() string { return mappings(depth-1).Draw(t, "part") }
		switch rapid.IntRange(0, 12).Draw(t, "directive") {
		case 0:
			return `{"@if":{"exists":` + part() + `,"then":` + part() + `,"else":` + part() + `}}`
		case 1:
			return `{"@if":{"blank":` + part() + `,"then":` + part() + `}}`
		case 2:
			return `{"@case":{"operator":"upper","value":` + part() + `}}`
		case 3:
			return `{"@replace":{"pattern":"e","replacement":"$&$$","ignorecase":true,"value":` + part() + `,"pattern2":"o"}}`
		case 4:
			return `{"@arrayPath":["$.properties.products",` + part() + `]}`
		case 5:
			return `{"@flatten":{"separator":".","value":` + part() + `}}`
		case 6:
			return `{"@json":{"mode":"encode","value":` + part() + `}}`
		case 7:
			return `{"@json":{"mode":"decode","value":` + part() + `}}`
		case 8:
			return `{"@merge":{"direction":"left","objects":[` + part() + `,` + part() + `]}}`
		case 9:
			return `{"@transform":{"apply":{"a":` + part() + `},"mapping":{"b":` + part() + `}}}`
		case 10:
			return `{"@excludeWhenNull":` + part() + `}`
		case 11:
			return `[` + part() + `,{"@literal":` + part() + `}]`
		default:
			return `{"k":` + part() + `,"1":` + part() + `}`
		}
	}))
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := mappings(3).Draw(t, "mapping")
		m, err := mapping.Compile([]byte(text))
		if err != nil {
			if _, ok := errors.AsType[*mapping.Error](err); !ok {
				t.Fatalf("compile: %v is no *Error", err)
			}
			return
		}
		raw := []byte(event)
		first, firstErr := m.Resolve(raw)
		second, secondErr := m.Resolve(bytes.Clone(raw))
		if string(raw) != event {
			t.Fatal("the event was changed")
		}
		if (firstErr == nil) != (secondErr == nil) || !bytes.Equal(first.AppendJSON(nil), second.AppendJSON(nil)) {
			t.Fatalf("%s is another result than %s", first.AppendJSON(nil), second.AppendJSON(nil))
		}
		if firstErr != nil || first.Kind() == jsvalue.Undefined {
			return
		}
		again, ok := jsvalue.DecodeText(string(first.AppendJSON(nil)))
		if !ok || !bytes.Equal(again.Stringify(nil), first.Stringify(nil)) {
			t.Fatalf("%s is not what is sent: %s", first.Stringify(nil), first.AppendJSON(nil))
		}
	})
}

func FuzzResolve(f *testing.F) {
	for _, c := range cases(f) {
		f.Add([]byte(c.Mapping), c.event())
	}
	f.Fuzz(func(t *testing.T, text, event []byte) {
		m, err := mapping.Compile(text)
		if err != nil {
			return
		}
		before := bytes.Clone(event)
		if v, err := m.Resolve(event); err == nil {
			v.AppendJSON(nil)
			v.Stringify(nil)
		}
		if !bytes.Equal(before, event) {
			t.Error("the event was changed")
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"{{event}}", "{{{event}}} {{x}", "{{{{event}}}}", "{{ }}{{}}", "}}{{", "{{properties.total}}{{{properties}}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted := string(jsvalue.AppendQuoted(nil, text))
		fixed, err := compile(t, `{"@template":`+quoted+`}`).Resolve([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		free, err := compile(t, `{"@template":{"@path":"$.~own"}}`).Resolve([]byte(event[:len(event)-1] + `,"~own":` + quoted + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := string(fixed.AppendJSON(nil)), string(free.AppendJSON(nil)); a != b && !strings.Contains(text, "~own") {
			t.Errorf("%q: %s as a fixed text, %s as a value of the event", text, a, b)
		}
	})
}

func BenchmarkWholeEvent(b *testing.B) {
	m := compile(b, `{"url":"https://acme.example/in","method":"POST","batch_size":0,"data":{"@path":"$."},"enable_batching":false}`)
	raw := []byte(event)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Resolve(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTenFields(b *testing.B) {
	m := compile(b, `{"user":{"@path":"$.userId"},"event":{"@path":"$.event"},"total":{"@path":"$.properties.total"},"currency":{"@path":"$.properties.currency"},"order":{"@path":"$.properties.order_id"},
		"page":{"@path":"$.context.page.url"},"ip":{"@path":"$.context.ip"},"at":{"@path":"$.originalTimestamp"},"title":{"@template":"{{event}} at {{context.page.title}}"},"id":{"@path":"$.messageId"}}`)
	raw := []byte(event)
	var out []byte
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		v, err := m.Resolve(raw)
		if err != nil {
			b.Fatal(err)
		}
		out = v.AppendJSON(out[:0])
	}
}

func TestTextsAreBounded(t *testing.T) {
	long := `{"type":"track","t":"` + strings.Repeat("a", 30_000) + `"}`
	nested := `{"@path":"$.t"}`
	for range 40 {
		nested = `{"@json":{"mode":"encode","value":["\"",` + nested + `]}}`
	}
	for _, text := range []string{
		`{"@replace":{"pattern":"a","replacement":"$'$'$'$'$'","value":{"@path":"$.t"},"pattern2":"a","replacement2":"$'$'$'$'$'"}}`,
		`{"@template":"` + strings.Repeat("{{t}}", 10_000) + `"}`,
		`{"@template":{"@template":"` + strings.Repeat("{{{t}}}", 10_000) + `"}}`,
		nested,
	} {
		if _, err := compile(t, text).Resolve([]byte(long)); err == nil || !strings.Contains(err.Error(), "is longer than 1048576 bytes") {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}
