package pendowire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"penstock/internal/pendowire"
	"penstock/internal/record"
)

var arrived = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// decode understands a body that came in a way.
func decode(via, body string) []pendowire.Call {
	return decodeRecord(&record.Received{At: arrived.UnixMilli(), Via: via, Body: json.RawMessage(body)})
}

func decodeRecord(r *record.Received) []pendowire.Call { return slices.Collect(pendowire.Decode(r)) }

// text writes a call as the case files have it: what is empty is left out.
func text(c *pendowire.Call) string {
	b := []byte{'{'}
	member := func(name string, value []byte) {
		if len(value) == 0 {
			return
		}
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
	isSet := func(name string, set bool) {
		if set {
			member(name, []byte("true"))
		}
	}
	str("type", c.Type)
	str("event", c.Event)
	str("visitor", c.Visitor)
	isSet("anonymous", c.Anonymous)
	str("oldVisitor", c.OldVisitor)
	str("account", c.Account)
	str("parentAccount", c.ParentAccount)
	str("anonymousId", c.AnonymousID)
	str("messageId", c.MessageID)
	str("tab", c.Agent.Tab)
	str("frame", c.Agent.Frame)
	if c.Agent.Tab != "" {
		member("sequence", strconv.AppendInt(nil, c.Agent.Sequence, 10))
	}
	str("time", c.Time.Format(time.RFC3339Nano))
	member("data", c.Data)
	str("group", c.Traits.Group)
	member("visitorTraits", c.Traits.Visitor)
	member("accountTraits", c.Traits.Account)
	member("parentAccountTraits", c.Traits.ParentAccount)
	str("ip", c.IP)
	str("userAgent", c.UserAgent)
	str("url", c.URL)
	str("title", c.Title)
	isSet("ignored", c.Ignored)
	if len(c.Verdicts) > 0 {
		list := []string{}
		for _, v := range c.Verdicts {
			list = append(list, `"`+string(v)+`"`)
		}
		member("verdicts", []byte("["+strings.Join(list, ",")+"]"))
	}
	return string(append(b, '}'))
}

var update = flag.Bool("update", false, "write what the cases come to")

// A case is a body, and the calls that it comes to; above them may stand "via: track", "rules: anonymous", "origin: https://acme.example" and "at: time".
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
			r := record.Received{At: arrived.UnixMilli(), Via: pendowire.ViaSegmentio, Remote: "192.0.2.1", Agent: "Acme/1", Body: bytes.TrimSpace(a.Files[0].Data)}
			for line := range strings.Lines(string(a.Comment)) {
				switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
				case "via":
					r.Via = value
				case "rules":
					r.Rules = strings.Split(value, ", ")
				case "verdicts":
					r.Verdicts = strings.Split(value, ", ")
				case "origin":
					r.Origin = value
				default:
					t.Fatalf("there is no %q", name)
				}
			}
			got := ""
			for c := range pendowire.Decode(&r) {
				got += text(&c) + "\n"
			}
			if *update {
				a.Files = []txtar.File{a.Files[0], {Name: "calls", Data: []byte(got)}}
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
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
		got := decode("segmentio", `{"type":"track","event":"e","userId":`+number+`}`)[0].Visitor
		if got != want {
			t.Errorf("userId %s becomes %q, want %q", number, got, want)
		}
	}
}

func TestEveryVerdictIsExplained(t *testing.T) {
	for _, v := range pendowire.Verdicts() {
		if e := pendowire.Explain(v); e.Code != v || e.Message == string(v) || e.Mend == "" || e.Docs == "" {
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
		c := decode("segmentio", b.String())[0]
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
	f.Add(byte(0), []byte(`{"type":"track","event":"e","userId":1,"properties":{"groupId":"g"},"context":{"page":{}}}`))
	f.Add(byte(0), []byte(`[{"batch":[]},1]`))
	f.Add(byte(1), []byte(`{"type":"track","event":"e","visitorId":1,"timestamp":1e12,"context":{"ip":"x"}}`))
	f.Add(byte(2), []byte(`{"events":[{"type":"meta","props":{"visitor":{"A":{},"a":1}},"browser_time":1}]}`))
	f.Add(byte(2), []byte(`{"events":"eJwFwIEIAAAAwDDQd3-N1QABFQC5"}`))
	f.Fuzz(func(t *testing.T, via byte, raw []byte) {
		body, err := pendowire.CheckBody(raw)
		if err != nil {
			return
		}
		ways := []string{pendowire.ViaSegmentio, pendowire.ViaTrack, pendowire.ViaAgent}
		calls := decode(ways[int(via)%len(ways)], string(body))
		if len(calls) == 0 {
			t.Error("a body without a call")
		}
		for i, c := range calls {
			if year := c.Time.Year(); year < 1 || year > 9999 {
				t.Errorf("year %d cannot be written as JSON: %s", year, body)
			}
			if c.Element != i {
				t.Errorf("call %d says that it is %d", i, c.Element)
			}
		}
	})
}

// The page of verdicts has a place for each code, with the words that go with it, and for nothing else.
func TestVerdictsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/verdicts.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, v := range pendowire.Verdicts() {
		want = append(want, string(v))
	}
	var got []string
	for _, section := range strings.Split(string(text), "\n### ")[1:] {
		code, body, _ := strings.Cut(section, "\n")
		got = append(got, code)
		if e := pendowire.Explain(pendowire.Verdict(code)); !strings.Contains(body, "\n"+e.Message+"\n") || !strings.Contains(body, "\n**Mend:** "+e.Mend+"\n") {
			t.Errorf("%s does not say what the verdict says: %s / %s", code, e.Message, e.Mend)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
