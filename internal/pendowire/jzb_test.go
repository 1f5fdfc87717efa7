package pendowire_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
)

// sample is a request of the real agent, as it was recorded.
type sample struct {
	Query   map[string]string
	Body    string
	Decoded json.RawMessage
}

func samples(t *testing.T) map[string]sample {
	t.Helper()
	files, err := filepath.Glob("testdata/agent/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	all := map[string]sample{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s sample
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = s
	}
	return all
}

func TestWhatTheAgentPackedIsUnpacked(t *testing.T) {
	packed := 0
	for name, s := range samples(t) {
		body := s.Body
		if jzb := s.Query["jzb"]; jzb != "" {
			body = `{"events":"` + jzb + `"}`
		}
		if body == "" {
			continue
		}
		packed++
		got, err := pendowire.Unpack([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !sameJSON(t, got, s.Decoded) {
			t.Errorf("%s: got %s, want %s", name, got, s.Decoded)
		}
	}
	if packed < 5 {
		t.Errorf("only %d of the samples were packed", packed)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

func TestWhatTheAgentSaysIsUnderstood(t *testing.T) {
	got := map[string][]string{}
	for name, s := range samples(t) {
		if s.Decoded[0] != '[' {
			continue // a question for guides
		}
		for _, c := range decode("agent", `{"events":`+string(s.Decoded)+`}`) {
			traits := c.Traits.Visitor.Clone()
			if err := traits.Compact(); len(traits) > 0 && err != nil {
				t.Fatal(err)
			}
			got[name] = append(got[name], strings.Join([]string{c.Type, c.Event, c.Visitor, c.OldVisitor, c.Account, c.ParentAccount, string(traits)}, "|"))
			if c.Agent.Tab == "" || c.Agent.Frame == "" || c.Agent.BrowserTime == 0 || c.URL == "" {
				t.Errorf("%s: %+v has no identity", name, c)
			}
		}
	}
	const anonymous = "_PENDO_T_FQtZuHf0F5K"
	want := map[string][]string{
		"01-track-anonymous-get.json": {"track|Anon Event|" + anonymous + "||||"},
		"02-identify-meta-get.json": {
			"identify||user-42|" + anonymous + "|acct-7||",
			`meta||user-42||acct-7||{"id":"user-42","email":"ann@example.test","role":"admin","logins":5,"active":true,"language":"en_US"}`,
		},
		"03-track-identified-get.json": {"track|Report Exported|user-42||acct-7||"},
		"04-track-odd-props.json":      {"track|Weird|user-42||acct-7||", "track|NoProps|user-42||acct-7||"},
		"05-post-only.json":            {"identify||user-1||acct-1||", `meta||user-1||acct-1||{"id":"user-1","language":"en_US"}`, "load||user-1||acct-1||"},
		"07-identify-subaccount.json":  {"identify||user-42||parent::child|parent|"},
		"09-click.json":                {"focus||user-42||acct-7||", "click||user-42||acct-7||"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAskingVisitor(t *testing.T) {
	question := samples(t)["06-guide-json-account-bleed.json"].Decoded
	jzb := pendowire.Deflate(question)
	if got := pendowire.AskingVisitor(jzb); got != "user-42" {
		t.Errorf("visitor %q", got)
	}
	if got := pendowire.PackedIn([]byte(`{"events": "` + jzb + `"}`)); got != jzb {
		t.Errorf("packed %q", got)
	}
	for _, odd := range []string{"", "?", pendowire.Deflate([]byte(`[1]`)), pendowire.PackedIn([]byte(`{`))} {
		if got := pendowire.AskingVisitor(odd); got != "" {
			t.Errorf("%q asks for %q", odd, got)
		}
	}
}

func TestDeflateInvertsInflate(t *testing.T) {
	const text = `[{"a":"é"},{"b":1}]`
	got, err := pendowire.Inflate(pendowire.Deflate([]byte(text)))
	if err != nil || string(got) != text {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestWhatIsNoJZBIsRefused(t *testing.T) {
	bomb := pendowire.Deflate([]byte(`["` + strings.Repeat("x", pendowire.InflatedMax) + `"]`))
	for name, jzb := range map[string]string{
		"empty": "", "not base64": "§", "not zlib": "AAAA", "broken off": pendowire.Deflate([]byte(`[1,2,3]`))[:12], "not JSON": pendowire.Deflate([]byte(`[1,`)), "a scalar": pendowire.Deflate([]byte(`1`)), "a bomb": bomb,
	} {
		if got, err := pendowire.Inflate(jzb); err == nil {
			t.Errorf("%s: became %.50s", name, got)
		}
	}
	if _, err := pendowire.Inflate(bomb); !errors.Is(err, pendowire.ErrInflatedTooLarge) {
		t.Errorf("a bomb of %d bytes: %v", len(bomb), err)
	}
}
