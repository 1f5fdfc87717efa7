//go:build e2e

package receive_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/receive"
	"penstock/internal/record"
	"penstock/test/harness"
)

// agentModule is Pendo's own agent, from npm. It is for tests only.
const agentModule = "../../test/e2e/node_modules/@pendo/agent"

// The ways that Pendo's own agent is pointed at a server of one's own, and Penstock's agent. Each is a page; DATA stands for the server.
func pages() map[string]string {
	return map[string]string{
		"module": `<script type="module">
			import { loadAgent } from '/npm/dist/pendo.module.min.js'
			const pendo = window.pendo = loadAgent({ env: 'prod', server: 'DATA', designerServer: 'DATA', assetHost: 'DATA', assetPath: 'x', loadAsModule: true, preventCodeInjection: true })
			pendo.initialize({ apiKey: 'KEY' })</script>`,
		"package": `<script type="module">
			import { initialize } from '/npm/index.js'
			await initialize({ apiKey: 'KEY', env: 'io', config: { any: 1 }, dataHost: 'DATA', assets: { host: 'DATA', path: 'x', localOnly: true } })</script>`,
		"snippet": `<script>LOADER('PAGE')</script><script>pendo.initialize()</script>`,
		"own":     `<script>LOADER('DATA')</script><script>pendo.initialize(location.search.includes('key=none') ? { apiKey: 'none' } : {})</script>`,
	}
}

// loader asks for the agent of a server, and keeps the calls that come before it.
const loader = `((host) => {
	const pendo = (window.pendo = { _q: [] })
	for (const method of ['initialize', 'identify', 'updateOptions', 'pageLoad', 'track'])
		pendo[method] = (...args) => pendo._q[method === 'initialize' ? 'unshift' : 'push']([method, ...args])
	const script = document.createElement('script')
	script.src = host + '/agent/static/KEY/pendo.js'
	document.head.append(script)
})`

// realAgent is Pendo's own agent in the place of pendo.js: it takes over what was kept.
const realAgent = `(async () => {
	const { loadAgent } = await import('/npm/dist/pendo.module.min.js')
	const waiting = window.pendo._q
	const pendo = loadAgent({ env: 'prod', server: 'DATA', designerServer: 'DATA', assetHost: 'DATA', assetPath: 'x', loadAsModule: true, preventCodeInjection: true })
	window.pendo = pendo
	for (const [method, options, ...rest] of waiting) pendo[method](method === 'initialize' ? { apiKey: 'KEY', ...options } : options, ...rest)
})()`

// servePages serves the pages, and the package where they import it from.
func servePages(data string) *httptest.Server {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	fill := strings.NewReplacer("LOADER", loader, "DATA", data, "KEY", key, "PAGE", server.URL)
	write := func(w http.ResponseWriter, typ, text string) {
		w.Header().Set("Content-Type", typ)
		_, _ = w.Write([]byte(fill.Replace(fill.Replace(text))))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		write(w, "text/html", `<!doctype html><title>Acme</title><link rel="icon" href="data:,"><button id="b">Save</button>`+pages()[r.URL.Query().Get("way")])
	})
	mux.HandleFunc("GET /agent/static/{key}/pendo.js", func(w http.ResponseWriter, _ *http.Request) { write(w, "text/javascript", realAgent) })
	mux.HandleFunc("GET /npm/{path...}", func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(agentModule, filepath.FromSlash(r.PathValue("path")))
		if filepath.Ext(path) != ".json" {
			http.ServeFile(w, r, path)
			return
		}
		text, err := os.ReadFile(path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript") // what a bundler makes of it
		_, _ = fmt.Fprintf(w, "export default %s", text)
	})
	return server
}

// shared is a memory that many may append to. The first appends fail, as many as busy says.
type shared struct {
	mu   sync.Mutex
	busy int
	memory
}

// Append implements receive.Log.
func (s *shared) Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy > 0 {
		s.busy--
		return record.Position{}, eventlog.ErrBusy
	}
	return s.memory.Append(ctx, stream, subject, kind, lines)
}

func (s *shared) calls(t *testing.T) []pendowire.Call {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []pendowire.Call
	for _, line := range s.lines {
		r, ok := pendowire.ReadLine([]byte(line))
		if !ok {
			t.Fatal(line)
		}
		all = slices.AppendSeq(all, pendowire.Decode(&r))
	}
	return all
}

// told is a call as the tests compare it: what differs from run to run is left out.
type told struct {
	Type, Event, Visitor, Old, Account string
	Data                               any // of a track call
	Traits                             any // of a meta call: visitor and account
}

var anonymousID = regexp.MustCompile(`^_PENDO_T_[A-Za-z0-9]{11}$`)

func tell(t *testing.T, c *pendowire.Call) told {
	t.Helper()
	out := told{Type: c.Type, Event: c.Event, Visitor: c.Visitor, Old: c.OldVisitor, Account: c.Account}
	for _, id := range []*string{&out.Visitor, &out.Old} {
		if anonymousID.MatchString(*id) {
			*id = "anonymous"
		}
	}
	switch c.Type {
	case pendowire.Track:
		out.Data = value(t, c.Data)
	case pendowire.Meta:
		visitor, account := value(t, c.Traits.Visitor), value(t, c.Traits.Account)
		if fields, ok := visitor.(map[string]any); ok {
			if fields["language"] == nil {
				t.Errorf("metadata without the language: %s", c.Data)
			}
			delete(fields, "language")
		}
		out.Traits = []any{visitor, account}
	}
	return out
}

func value(t *testing.T, raw []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// recorded is what the real agent was recorded to send for the same calls.
func recorded(t *testing.T) []told {
	t.Helper()
	var all []told
	for _, name := range []string{"01-track-anonymous-get", "02-identify-meta-get", "03-track-identified-get", "04-track-odd-props"} {
		text, err := os.ReadFile("../pendowire/testdata/agent/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var sample struct{ Decoded json.RawMessage }
		if err := json.Unmarshal(text, &sample); err != nil {
			t.Fatal(err)
		}
		r := record.Received{Via: pendowire.ViaAgent, Body: json.RawMessage(`{"events":` + string(sample.Decoded) + `}`)}
		for c := range pendowire.Decode(&r) {
			all = append(all, tell(t, &c))
		}
	}
	return all
}

func TestAgentsInTheBrowser(t *testing.T) {
	for way := range pages() {
		t.Run(way, func(t *testing.T) {
			log := &shared{}
			door := receive.New(receive.DefaultConfig("ws1"), receive.Parts{Log: log, Apps: func() receive.Apps { return acme() }, Logger: slog.New(slog.DiscardHandler)})
			mux := http.NewServeMux()
			door.Register(mux)
			data := httptest.NewServer(mux)
			defer data.Close()
			site := servePages(data.URL)
			defer site.Close()
			visit := harness.Browse[struct {
				Anonymous, Visitor, Account, Again string
				Stored                             []string
			}](t, "agents.mjs", map[string]any{"url": site.URL + "/?way=" + way, "own": way == "own"})

			if others := visit.ToOthers(hostOf(data.URL), hostOf(site.URL)); len(others) > 0 {
				t.Errorf("it asked others: %v", others)
			}
			for _, r := range visit.Requests {
				if strings.Contains(r.URL, "/data/") && (strings.Contains(r.URL, "rt=") || r.Status >= 400) {
					t.Errorf("%s %s was answered %d, %s: sent again, or refused", r.Method, r.URL, r.Status, r.Failure)
				}
			}
			got := visit.Output
			if !anonymousID.MatchString(got.Anonymous) || got.Visitor != "user-42" || got.Account != "acct-7" || got.Again != "user-42" || !slices.Contains(got.Stored, "_pendo_visitorId."+key) {
				t.Errorf("ids: %+v", got)
			}
			harness.Eventually(t, "what was sent by a page that was left has arrived", func() error {
				for _, c := range log.calls(t) {
					if c.Event == "Last Event" {
						return nil
					}
				}
				return errors.New("it has not")
			})
			wantCalls(t, log.calls(t))
			if unknown := door.UnknownKeys(); len(unknown) > 0 {
				t.Errorf("unknown keys: %v", unknown)
			}
		})
	}
}

// What cannot be stored now is sent again, and what is refused is said.
func TestOwnAgentSendsAgain(t *testing.T) {
	log := &shared{busy: 1}
	door := receive.New(receive.DefaultConfig("ws1"), receive.Parts{Log: log, Apps: func() receive.Apps { return acme() }, Logger: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	door.Register(mux)
	data := httptest.NewServer(mux)
	defer data.Close()
	site := servePages(data.URL)
	defer site.Close()
	visit := harness.Browse[struct{ Statuses []int }](t, "resend.mjs", map[string]any{"url": site.URL + "/?way=own"})
	// What is called after the page has begun to send comes in a request of its own.
	if diff := gocmp.Diff([]int{503, 200, 404}, slices.Compact(visit.Output.Statuses)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	arrived := map[string]int{}
	for _, c := range log.calls(t) {
		if !strings.Contains(c.URL, "key=none") { // what an unknown key sends is kept, for whoever looks for it
			arrived[c.Type+" "+c.Event]++
		}
	}
	if arrived["track Once"] != 1 || arrived["load "] != 1 { // the page's load is in the request that was answered 503
		t.Errorf("arrived: %v, want the load and the call once each", arrived)
	}
	if all := strings.Join(visit.Errors(), "\n"); !strings.Contains(fmt.Sprint(visit.Console), "events were refused: no app has the key") {
		t.Errorf("the page was not told: %s, %v", all, visit.Console)
	}
}

func hostOf(address string) string { return strings.TrimPrefix(address, "http://") }

// wantCalls checks that what arrived is what was recorded, and what the page did besides; each once.
func wantCalls(t *testing.T, calls []pendowire.Call) {
	t.Helper()
	seen := map[string]bool{}
	var got []told
	for i := range calls {
		c := &calls[i]
		identity := fmt.Sprint(c.Agent, c.Type)
		if seen[identity] || c.Agent.Tab == "" || c.Agent.Frame == "" || !strings.HasPrefix(c.URL, "http://127.0.0.1:") {
			t.Errorf("sent again, or of no page: %+v", c)
		}
		seen[identity] = true
		if unexpected := slices.DeleteFunc(slices.Clone(c.Verdicts), expected(c)); len(unexpected) > 0 {
			t.Errorf("%s %s has verdicts %v", c.Type, c.Event, unexpected)
		}
		got = append(got, tell(t, c))
	}
	want := append(recorded(t),
		told{Type: "track", Event: "Größe", Visitor: "user-42", Account: "acct-7", Data: map[string]any{"text": strings.Repeat("x", 9000)}},
		told{Type: "track", Event: "Last Event", Visitor: "user-42", Account: "acct-7", Data: map[string]any{}},
	)
	for _, w := range want {
		n := 0
		for _, g := range got {
			if reflect.DeepEqual(w, g) {
				n++
			}
		}
		if n != 1 && (n == 0 || w.Type != pendowire.Meta) {
			t.Errorf("arrived %d times: %+v; what arrived:\n%s", n, w, gocmp.Diff([]told{}, got))
		}
	}
	tracked := func(all []told) (n int) {
		for _, c := range all {
			if c.Type == pendowire.Track {
				n++
			}
		}
		return n
	}
	if n, m := tracked(got), tracked(want); n != m {
		t.Errorf("%d track calls arrived, want %d", n, m)
	}
	wantOwner(t, got)
}

// expected are the verdicts that the page asks for: an anonymous visitor has no account, what is no object becomes __err__, and 9000 characters are too many.
func expected(c *pendowire.Call) func(pendowire.Verdict) bool {
	return func(v pendowire.Verdict) bool {
		return v == pendowire.NoAccount && c.Anonymous || v == pendowire.BadPropertyKey && c.Event == "Weird" || v == pendowire.PropertiesTooLarge && c.Event == "Größe"
	}
}

// wantOwner checks that an update of the metadata arrived.
func wantOwner(t *testing.T, got []told) {
	t.Helper()
	for _, c := range slices.Backward(got) {
		if text := fmt.Sprint(c.Traits); c.Type == pendowire.Meta && strings.Contains(text, "role:owner") && strings.Contains(text, "planLevel:platinum") {
			return
		}
	}
	t.Errorf("the update of the metadata did not arrive:\n%+v", got)
}
