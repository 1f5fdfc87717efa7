package pendowire_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"penstock/internal/pendowire"
)

var arrived = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// text writes a call as the case files have it: what is empty is left out.
func text(c pendowire.Call) string {
	b := []byte{'{'}
	member := func(name string, value []byte) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, name)
		b = append(append(b, ':'), value...)
	}
	str := func(name, value string) {
		if value != "" {
			quoted, _ := jsontext.AppendQuote(nil, value)
			member(name, quoted)
		}
	}
	str("type", c.Type)
	str("event", c.Event)
	str("visitor", c.Visitor)
	str("account", c.Account)
	str("anonymous", c.Anonymous)
	str("messageId", c.MessageID)
	str("time", c.Time.Format(time.RFC3339Nano))
	if c.Data != nil {
		member("data", c.Data)
	}
	str("ip", c.IP)
	str("userAgent", c.UserAgent)
	str("url", c.URL)
	str("title", c.Title)
	if len(c.Verdicts) > 0 {
		list := []string{}
		for _, v := range c.Verdicts {
			list = append(list, `"`+string(v)+`"`)
		}
		member("verdicts", []byte("["+strings.Join(list, ",")+"]"))
	}
	return string(append(b, '}'))
}

func TestDecode(t *testing.T) {
	files, err := filepath.Glob("testdata/decode/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := text(pendowire.Decode(jsontext.Value(a.Files[0].Data), arrived))
			if diff := cmp.Diff(strings.TrimSpace(string(a.Files[1].Data)), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestElements(t *testing.T) {
	for _, c := range []struct {
		body    string
		events  []string
		batched bool
	}{
		{`{"type":"track"}`, []string{`{"type":"track"}`}, false},
		{`[{"a":1}, 2 ,[3]]`, []string{`{"a":1}`, `2`, `[3]`}, true},
		{`[]`, nil, true},
		{`{"batch":[{"a":1},{"b":2}],"sentAt":"now"}`, []string{`{"a":1}`, `{"b":2}`}, true},
		{`{"type":"track","batch":[1]}`, []string{`{"type":"track","batch":[1]}`}, false},
		{`{"batch":1}`, []string{`{"batch":1}`}, false},
		{`7`, []string{`7`}, false},
	} {
		seq, batched := pendowire.Elements(jsontext.Value(c.body))
		var events []string
		for e := range seq {
			events = append(events, string(e))
		}
		if diff := cmp.Diff(c.events, events); diff != "" || batched != c.batched {
			t.Errorf("%s: batched %t\n%s", c.body, batched, diff)
		}
	}
}

func TestIDsKeepTheirNumber(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "-7": "-7", "42.0": "42", "1e3": "1000", "0.5": "0.5", "123456789012345678901": "123456789012345678901",
		"1.5e-3": "0.0015", "1e999": "1e999",
	} {
		got := pendowire.Decode(jsontext.Value(`{"type":"track","event":"e","userId":`+number+`}`), arrived).Visitor
		if got != want {
			t.Errorf("userId %s becomes %q, want %q", number, got, want)
		}
	}
}

func TestEveryVerdictIsExplained(t *testing.T) {
	for _, v := range pendowire.Verdicts() {
		if e := pendowire.Explain(v); e.Code != v || e.Message == string(v) || e.Mend == "" {
			t.Errorf("%s: %+v", v, e)
		}
	}
}

// The visitor and the account of a call are taken from three places and from nowhere else, whatever else it holds.
func TestAssociation(t *testing.T) {
	ids := []string{"", `"u"`, `"v"`, "5", "null", "true", `""`, `" "`, `{"x":1}`}
	texts := map[string]string{`"u"`: "u", `"v"`: "v", "5": "5"}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) string { return rapid.SampledFrom(ids).Draw(t, name) }
		user, top, nested, inContext, other := draw("userId"), draw("groupId"), draw("properties.groupId"), draw("context.groupId"), draw("traits.groupId")
		var b strings.Builder
		b.WriteString(`{"type":"track","event":"e"`)
		for _, m := range rapid.Permutation([][2]string{
			{`,"userId":`, user},
			{`,"groupId":`, top},
			{`,"properties":`, object(nested)},
			{`,"context":`, object(inContext)},
			{`,"traits":`, object(other)},
		}).Draw(t, "order") {
			if m[1] != "" {
				b.WriteString(m[0] + m[1])
			}
		}
		b.WriteString("}")
		c := pendowire.Decode(jsontext.Value(b.String()), arrived)
		account := texts[top]
		if account == "" {
			account = texts[nested]
		}
		if c.Visitor != texts[user] || c.Account != account {
			t.Errorf("%s: visitor %q, account %q; want %q, %q", b.String(), c.Visitor, c.Account, texts[user], account)
		}
	})
}

func object(group string) string {
	if group == "" {
		return ""
	}
	return `{"a":{"groupId":"never"},"groupId":` + group + `}`
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"track","event":"e","userId":1,"properties":{"groupId":"g"},"context":{"page":{}}}`))
	f.Add([]byte(`[{"batch":[]},1]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, batched := pendowire.Elements(body)
		n := 0
		for e := range events {
			n++
			if year := pendowire.Decode(e, arrived).Time.Year(); year < 1 || year > 9999 {
				t.Errorf("year %d cannot be written as JSON: %s", year, e)
			}
		}
		if !batched && n != 1 {
			t.Errorf("%d events in a body that is no batch", n)
		}
	})
}
