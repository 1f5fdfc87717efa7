package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"penstock/internal/app"
)

// asked is a request that a command sent.
type asked struct {
	line, token, body string
}

// server answers every request with the same, and notes them.
func server(t *testing.T, status int, answer string) *[]asked {
	t.Helper()
	var all []asked
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		all = append(all, asked{line: r.Method + " " + r.URL.String(), token: r.Header.Get("Authorization"), body: string(body)})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	t.Setenv("PENSTOCK_SERVER", s.URL)
	t.Setenv("PENSTOCK_ADMIN_TOKEN", "a-token-of-a-test")
	return &all
}

// penstock runs a command.
func penstock(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, System{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// Each file of testdata is a command, what the server answers, and what is printed.
func TestCommands(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("cases: %v, %v", names, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]string{}
			for _, f := range a.Files {
				part[f.Name] = string(f.Data)
			}
			requests := server(t, http.StatusOK, part["answer"])
			code, stdout, stderr := penstock(t, part["stdin"], strings.Fields(part["command"])...)
			if code != 0 || stderr != "" {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			if diff := cmp.Diff(part["stdout"], stdout); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if len(*requests) != 1 {
				t.Fatalf("requests: %+v, want one", *requests)
			}
			want := asked{line: strings.TrimSpace(part["request"]), token: "Bearer a-token-of-a-test", body: part["body"]}
			if diff := cmp.Diff(want, (*requests)[0], cmp.AllowUnexported(asked{})); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		answer, want string
	}{
		"a problem": {
			404, `{"title":"Not Found","status":404,"detail":"no event with the messageId \"x\u001b[2J\" is known"}`,
			"penstock: no event with the messageId \"x\ufffd[2J\" is known\n",
		},
		"several": {
			422, `{"title":"Unprocessable Entity","detail":"the file is not valid","errors":[{"message":"wrong","location":"line 1, column 2: apps"}]}`,
			"penstock: the file is not valid\n  line 1, column 2: apps: wrong\n",
		},
		"somebody else": {302, `<html>`, "penstock: the server answered 302 Found, not as Penstock does; does --server say where it is?\n"},
		"not JSON":      {200, `<html>`, "penstock: read answer: invalid character '<' looking for beginning of value\n"},
	} {
		t.Run(name, func(t *testing.T) {
			server(t, c.status, c.answer)
			code, stdout, stderr := penstock(t, "", "where", "x")
			if code != 1 || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			if diff := cmp.Diff(c.want, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

// The calls that a newcomer pastes are what they should be: valid JSON with the write key, in straight quotes.
func TestWelcome(t *testing.T) {
	out := welcome(app.Started{URL: "http://127.0.0.1:8080", Token: "the-token", Setup: "http://127.0.0.1:8080/setup#token=once", WriteKeys: []string{"wk_1"}, App: "acme"})
	bodies := regexp.MustCompile(`(?s)--data-raw '(.*?)'`).FindAllStringSubmatch(out, -1)
	if len(bodies) != 2 {
		t.Fatalf("%d calls, want 2:\n%s", len(bodies), out)
	}
	want := []string{
		`{"event":"Example Event Name","groupId":"account","properties":{"exampleKeyName":"exampleValue"},"userId":"123","writeKey":"wk_1"}`,
		`{"event":"Example Event Name","properties":{"exampleKeyName":"exampleValue","groupId":"account"},"userId":"123","writeKey":"wk_1"}`,
	}
	for i, body := range bodies {
		var v any
		if err := json.Unmarshal([]byte(body[1]), &v); err != nil {
			t.Fatalf("call %d: %v in %s", i, err, body[1])
		}
		got, err := json.Marshal(v)
		if err != nil || string(got) != want[i] {
			t.Errorf("call %d: %s, want %s", i, got, want[i])
		}
	}
	for _, part := range []string{"takes events at http://127.0.0.1:8080\n", "export PENSTOCK_ADMIN_TOKEN=the-token\n", "\n  http://127.0.0.1:8080/setup#token=once\n", "'http://127.0.0.1:8080/api/apps/acme/track-events'"} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is missing from:\n%s", part, out)
		}
	}

	if got := welcome(app.Started{URL: "http://127.0.0.1:8080"}); strings.Contains(got, "token") || strings.Contains(got, "owner") || !strings.Contains(got, "apply --server http://127.0.0.1:8080 -f workspace.yaml") {
		t.Errorf("without a source:\n%s", got)
	}
}

func TestApplyExpandsFromItsOwnEnvironment(t *testing.T) {
	requests := server(t, http.StatusOK, `{"data":{"changes":[],"unchanged":1}}`)
	t.Setenv("APP_KEY", "00000000000000000000000000000001")
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	if err := os.WriteFile(file, []byte("apps: [{slug: acme, name: Acme, key: '${APP_KEY}'}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := penstock(t, "", "apply", "-f", file, "--prune")
	if code != 0 || stdout != "0 changed, 1 unchanged\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	want := asked{
		line: "PUT /api/workspace?prune=true", token: "Bearer a-token-of-a-test",
		body: "apps:\n  - slug: acme\n    name: Acme\n    key: \"00000000000000000000000000000001\"\n",
	}
	if diff := cmp.Diff([]asked{want}, *requests, cmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Every command and flag is in the reference.
func TestReference(t *testing.T) {
	reference, err := os.ReadFile("../../docs/reference/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&commands{}, kong.Name("penstock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(false) {
		names := []string{"penstock " + strings.TrimSpace(command.Path())}
		for _, flag := range command.Flags {
			names = append(names, "--"+flag.Name)
			names = append(names, flag.Envs...)
		}
		for _, name := range names {
			if !bytes.Contains(reference, []byte(name)) {
				t.Errorf("%s of `%s` is not in docs/reference/cli.md", name, command.Path())
			}
		}
	}
}

// In a terminal, the plan is shown and asked about; --yes and --check do not ask.
func TestApplyAsks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	if err := os.WriteFile(file, []byte("sources: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const changes, none = `{"data":{"changes":[{"op":"delete","kind":"source","name":"old"}],"unchanged":0}}`, `{"data":{"changes":[],"unchanged":1}}`
	const plan, question, done = "would delete source old\n1 would change, 0 unchanged\n", "Apply this? [y/N] ", "deleted source old\n1 changed, 0 unchanged\n"
	for name, c := range map[string]struct {
		answer, stdin, stdout, stderr string
		flags                         []string
		code, requests                int
	}{
		"yes":              {answer: changes, stdin: "y\n", stdout: plan + question + done, requests: 2},
		"no":               {answer: changes, stdin: "\n", stdout: plan + question, stderr: "penstock: nothing was changed\n", code: 1, requests: 1},
		"gone":             {answer: changes, stdout: plan + question, stderr: "penstock: nothing was changed\n", code: 1, requests: 1},
		"--yes":            {answer: changes, flags: []string{"--yes"}, stdout: done, requests: 1},
		"nothing to ask":   {answer: none, stdout: "0 would change, 1 unchanged\n0 changed, 1 unchanged\n", requests: 2},
		"--check, differs": {answer: changes, flags: []string{"--check"}, stdout: plan, stderr: "penstock: the server is not as the file says\n", code: 2, requests: 1},
		"--check, is":      {answer: none, flags: []string{"--check"}, stdout: "0 would change, 1 unchanged\n", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			requests := server(t, http.StatusOK, c.answer)
			var out, errs bytes.Buffer
			code := Run(t.Context(), append([]string{"apply", "-f", file}, c.flags...), System{Stdin: strings.NewReader(c.stdin), Stdout: &out, Stderr: &errs, Interactive: true})
			got := []any{code, out.String(), errs.String(), len(*requests)}
			if diff := cmp.Diff([]any{c.code, c.stdout, c.stderr, c.requests}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if last := (*requests)[len(*requests)-1].line; (c.code != 0 || slices.Contains(c.flags, "--check")) != strings.Contains(last, "dryRun") {
				t.Errorf("last request: %s", last)
			}
		})
	}
}

func TestNullDeviceIsNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if IsTerminal(null) {
		t.Error("the null device is taken for a terminal")
	}
}

// A setting that makes no sense is refused before anything is opened, and the refusal names it.
func TestServeRefusesSettings(t *testing.T) {
	for _, c := range [][2]string{
		{"--count-window=0s", "--count-window is 0s"},
		{"--count-window=-1h", "--count-window is -1h0m0s"},
		{"--rate-limit=-1", "--rate-limit is -1"},
		{"--memory=1023", "--memory is 1023 MiB; want at least 1024"},
		{"--duckdb-memory=1", "check database settings"},
		{"--duckdb-threads=-1", "check database settings"},
	} {
		code, _, stderr := penstock(t, "", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", c[0])
		if code == 0 || !strings.Contains(stderr, c[1]) {
			t.Errorf("%s: exit code %d, %s; want %s", c[0], code, stderr, c[1])
		}
	}
}

func TestMemoryLimitHolds(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	penstock(t, "", "serve", "--data", t.TempDir(), "--listen", "nowhere", "--memory=1500", "--duckdb-memory=200")
	if got, want := debug.SetMemoryLimit(-1), int64(1500-200-memoryOutside)<<20; got != want {
		t.Errorf("Go's memory limit is %d, want %d", got, want)
	}
}
