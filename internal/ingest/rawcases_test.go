package ingest_test

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"penstock/internal/event"
)

// rawCase is a line of testdata/raw-http-cases.jsonl: a request by its name, and the status that Segment documents for it.
type rawCase struct {
	Kind, Name, Method, Path string
	Doc                      *int
}

// raw is the request of a case, the status that it gets here, and the lines that become of it.
type raw struct {
	path   string // where the list has cut it off
	body   string
	header map[string]string
	status int
	events int
	code   string
}

const inBody = `,"writeKey":"` + key + `"`

func origin() map[string]string { return map[string]string{"Origin": "https://shop.example"} }

func with(header map[string]string, more ...string) map[string]string {
	for i := 0; i < len(more); i += 2 {
		header[more[i]] = more[i+1]
	}
	return header
}

func batchOf(n int) string {
	return `{"batch":[` + strings.TrimSuffix(strings.Repeat(`{"type":"page","userId":"u"},`, n), ",") + `]` + inBody + `}`
}

// padded is a track call of exactly so many bytes.
func padded(size int) string {
	return track(inBody + `,"properties":{"x":"` + strings.Repeat("x", size-len(track(inBody+`,"properties":{"x":""}`))) + `"}`)
}

func rawCases() map[string]raw {
	auth := func(more ...string) map[string]string { return with(basic(key+":"), more...) }
	ok := func(body string, header map[string]string) raw {
		return raw{body: body, header: header, status: 200, events: 1}
	}
	bad := func(body, code string) raw { return raw{body: body, header: auth(), status: 400, code: code} }
	short := `{"userId":"u","event":"E","groupId":"g","previousId":"p"` + inBody + `}`
	three := `{"batch":[{"type":"track","event":"E","userId":"u"},{"type":"identify","userId":"u"},{"type":"page","anonymousId":"a"}]` + inBody + `}`
	big := `{"type":"track","event":"E","userId":"u","properties":{"x":"` + strings.Repeat("x", 20_000) + `"}}`
	bomb := zip(`{"x":"`) + strings.Repeat(zip(strings.Repeat("x", 1<<20)), 60)
	return map[string]raw{
		"track-writekey-in-body":      ok(track(inBody), nil),
		"seed-top-level-groupId":      ok(track(`,"groupId":"account"`+inBody), nil),
		"seed-nested-groupId":         ok(track(`,"properties":{"groupId":"account"}`+inBody), nil),
		"no-message-id":               ok(`{"event":"E","userId":"u"`+inBody+`}`, nil),
		"basic-identify":              ok(`{"userId":"u","traits":{"a":1}}`, auth()),
		"basic-page":                  ok(`{"userId":"u","name":"n"}`, auth()),
		"basic-screen":                ok(`{"userId":"u","name":"n"}`, auth()),
		"basic-group":                 ok(`{"userId":"u","groupId":"g"}`, auth()),
		"basic-alias":                 ok(`{"userId":"u","previousId":"p"}`, auth()),
		"short-t":                     ok(short, origin()),
		"short-i":                     ok(short, origin()),
		"short-p":                     ok(short, origin()),
		"short-s":                     ok(short, origin()),
		"short-g":                     ok(short, origin()),
		"short-a":                     ok(short, origin()),
		"batch":                       {body: three, status: 200, events: 3},
		"batch-short-b":               {body: three, status: 200, events: 3},
		"import-as-batch":             {body: three, status: 200, events: 3},
		"batch-shared-context":        {body: strings.Replace(three, `{"batch"`, `{"context":{"library":{"name":"x","version":"1"}},"batch"`, 1), status: 200, events: 3},
		"batch-empty":                 {body: batchOf(0), status: 400, code: "empty_batch"}, // Segment: 200
		"batch-one-bad":               {body: strings.Replace(three, `"userId":"u"},{`, `"x":1},{`, 1), status: 200, events: 2},
		"batch-2501":                  {body: batchOf(2501), status: 400, code: "payload_too_large"}, // Segment: 200
		"metrics-m":                   {body: `{"series":[]}`, status: 200},
		"pixel-base64":                {path: "/v1/pixel/track?data=" + base64.RawURLEncoding.EncodeToString([]byte(track(inBody+`,"x":"???>>>"`))), status: 200, events: 1},
		"pixel-base64-std":            {path: "/v1/pixel/track?data=" + base64.StdEncoding.EncodeToString([]byte(track(inBody+`,"x":"???>>>"`))), status: 200, events: 1},
		"pixel-query":                 {path: "/v1/pixel/track?userId=u&event=Email%20Opened&properties.subject=The%20Electric%20Daily&writeKey=" + key, status: 200, events: 1},
		"pixel-junk":                  {status: 200},
		"basic-no-colon":              ok(track(""), basic(key)),
		"bearer-plus-body":            ok(track(inBody), map[string]string{"Authorization": "Bearer token"}),
		"unknown-write-key":           {body: track(`,"writeKey":"nobody"`), status: 400, code: "unknown_source"}, // Segment: 200
		"short-write-key":             {body: track(`,"writeKey":"abc123"`), status: 400, code: "unknown_source"},
		"no-write-key":                {body: track(""), status: 400, code: "no_write_key"},
		"empty-write-key":             {body: track(`,"writeKey":""`), status: 400, code: "no_write_key"},
		"no-content-type":             ok(track(inBody), nil),
		"form-content-type":           ok(track(inBody), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}),
		"charset":                     ok(track(inBody), map[string]string{"Content-Type": "application/json; charset=utf-8"}),
		"gzip":                        {body: zip(batchOf(5)), header: auth("Content-Encoding", "gzip"), status: 200, events: 5},
		"gzip-text-plain-chunked":     {body: zip(batchOf(5)), header: with(origin(), "Content-Encoding", "GZIP", "Content-Type", "text/plain", "Transfer-Encoding", "chunked"), status: 200, events: 5},
		"gzip-claimed-but-plain":      {body: batchOf(1), header: auth("Content-Encoding", "gzip"), status: 400, code: "bad_request"},
		"gzip-bomb-60MB":              {body: bomb, header: auth("Content-Encoding", "gzip"), status: 400, code: "payload_too_large"},
		"utf8-bom":                    ok("\uFEFF"+track(""), auth()),
		"invalid-utf8":                ok(track(`,"x":"`+"\xFF"+`"`), auth()),
		"leading-whitespace":          ok(" \n\t"+track(""), auth()),
		"bad-json":                    bad(`{"event": "x",,`, "bad_request"),
		"smart-quotes-as-in-the-seed": {body: "{\n  \"event\": \"E\",\n  \"userId\": \"123\",\n  \"writeKey\": “" + key + "”\n}", status: 400, code: "bad_request"},
		"not-an-object":               bad(`"abc"`, "bad_request"),
		"json-null":                   bad(`null`, "bad_request"),
		"empty-body":                  bad(``, "bad_request"),
		"batch-leading-comma":         ok(`{"batch":[,{"type":"page","userId":"u"}]}`, auth()), // salvaged

		"batch-concatenated": {body: batchOf(1) + batchOf(1), status: 200, events: 2}, // salvaged

		"lone-surrogate":       ok(track(`,"properties":{"x":"\ud800"}`), auth()),
		"nul-escape":           ok(track(`,"properties":{"x":"\u0000"}`), auth()),
		"number-text":          ok(track(`,"properties":{"a":1.0,"b":1E5,"c":18446744073709551615}`), auth()),
		"number-overflow":      ok(track(`,"properties":{"a":1e400}`), auth()),
		"duplicate-keys":       ok(track(`,"properties":{"a":1,"a":2}`), auth()),
		"deep-5000":            ok(track(`,"properties":{"a":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+`}`), auth()),
		"proto-key":            ok(track(`,"properties":{"__proto__":{"a":1},"":2}`), auth()),
		"no-user-no-anon":      bad(`{"event":"E"}`, "no_user_anon_id"),
		"empty-user":           bad(`{"event":"E","userId":""}`, "id_not_string"),
		"numeric-user":         ok(`{"event":"E","userId":123}`, auth()), // coerced
		"null-user-with-anon":  ok(`{"event":"E","userId":null,"anonymousId":"a"}`, auth()),
		"empty-user-with-anon": ok(`{"event":"E","userId":"","anonymousId":"a"}`, auth()),
		"track-no-event":       bad(`{"userId":"u"}`, "event_not_defined"),
		"track-event-number":   bad(`{"userId":"u","event":7}`, "event_not_string"),
		"properties-string":    bad(track(`,"properties":"x"`), "properties_not_object"),
		"traits-array":         bad(`{"userId":"u","traits":[]}`, "traits_not_object"),
		"page-empty-name":      bad(`{"userId":"u","name":""}`, "name_not_string"),
		"long-message-id":      bad(`{"userId":"u","event":"E","messageId":"`+strings.Repeat("m", 101)+`"}`, "id_too_long"),
		"type-mismatch":        ok(track(`,"type":"identify"`), auth()), // the route wins
		"size-32768":           ok(padded(event.EventBytesMax), nil),
		"size-32769":           {body: padded(event.EventBytesMax + 1), status: 400, code: "payload_too_large"},
		"batch-490KB":          {body: `{"batch":[` + strings.TrimSuffix(strings.Repeat(big+",", 24), ",") + `]` + inBody + `}`, status: 200, events: 24},
		"batch-600KB":          {body: `{"batch":[` + strings.TrimSuffix(strings.Repeat(big+",", 30), ",") + `]` + inBody + `}`, status: 400, code: "payload_too_large"},
		"batch-one-event-40KB": {body: `{"batch":[` + strings.Replace(big, "xxx", strings.Repeat("x", 20_000), 1) + `]` + inBody + `}`, status: 400, code: "payload_too_large"},
		"preflight":            {header: with(origin(), "Access-Control-Request-Headers", "authorization,content-type,x-retry-count"), status: 204},
		"get-track":            {status: 405},
		"put-track":            {body: track(inBody), status: 405},
		"unknown-path":         {body: track(inBody), status: 404},
		"trailing-slash":       ok(track(inBody), nil),
		"settings":             {path: "/v1/projects/" + key + "/settings", header: origin(), status: 200},
		"settings-unknown":     {status: 404},
	}
}

// TestRawCases makes each request of the recorded list over a connection of its own, and compares the status and the events with what is decided here.
func TestRawCases(t *testing.T) {
	cases := rawCases()
	file, err := os.Open("testdata/raw-http-cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		var c rawCase
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Kind != "case" {
			continue
		}
		want, ok := cases[c.Name]
		if !ok {
			t.Errorf("%s: there is no request for it", c.Name)
			continue
		}
		delete(cases, c.Name)
		t.Run(c.Name, func(t *testing.T) {
			log := &memory{}
			w := overTCP(t, newHandler(log), request{method: c.Method, path: cmp.Or(want.path, c.Path), body: want.body, header: want.header})
			if w.Code != want.status || len(log.of("events.ws1.src1")) != want.events {
				t.Errorf("%d with %d events, want %d with %d: %s", w.Code, len(log.of("events.ws1.src1")), want.status, want.events, w.Body)
			}
			switch {
			case w.Code == http.StatusNoContent:
			case strings.HasPrefix(c.Path, "/v1/pixel/"):
				if w.Header().Get("Content-Type") != "image/gif" || w.Header().Get("Cache-Control") != "no-store" || w.Body.Len() != 43 {
					t.Errorf("not a pixel: %v %q", w.Header(), w.Body)
				}
			case strings.HasPrefix(c.Name, "settings-unknown"):
				if !strings.Contains(w.Body.String(), "belongs to no source") {
					t.Errorf("answer %s", w.Body)
				}
			case w.Code != 200:
				a := read(t, w)
				if *a.Success || a.Message == "" || a.Error != a.Message || want.code != "" && a.Code != want.code {
					t.Errorf("answer %s, want code %s", w.Body, want.code)
				}
			case want.events > 0 && !strings.HasPrefix(w.Body.String(), `{"success":true`):
				t.Errorf("answer %s", w.Body)
			}
			if from := want.header["Origin"]; w.Header().Get("Access-Control-Allow-Origin") != from {
				t.Errorf("Access-Control-Allow-Origin %q, want %q", w.Header().Get("Access-Control-Allow-Origin"), from)
			}
		})
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range cases {
		t.Errorf("%s: is not in the list", name)
	}
}

// TestWriteKey: the user name of Basic comes first, then X-Write-Key, then the body, then the query.
func TestWriteKey(t *testing.T) {
	query := "?writeKey=" + key
	for name, c := range map[string]struct {
		request
		code string
	}{
		"query":                       {request{path: "/v1/track" + query, body: track("")}, ""},
		"basic before body":           {request{path: "/v1/track", body: track(`,"writeKey":"nobody"`), header: basic(key + ":")}, ""},
		"body before query":           {request{path: "/v1/track?writeKey=nobody", body: track(inBody)}, ""},
		"empty basic":                 {request{path: "/v1/track", body: track(inBody), header: basic(":")}, ""},
		"basic is not base64":         {request{path: "/v1/track", body: track(inBody), header: map[string]string{"Authorization": "Basic %%%"}}, ""},
		"basic without padding":       {request{path: "/v1/track", body: track(""), header: map[string]string{"Authorization": "basic " + base64.RawStdEncoding.EncodeToString([]byte(key+":"))}}, ""},
		"in the events of a batch":    {request{path: "/v1/b", body: `{"batch":[{"type":"page","userId":"u"` + inBody + `}]}`}, ""},
		"of a batch before its event": {request{path: "/v1/b", body: `{"batch":[{"type":"page","userId":"u","writeKey":"nobody"}]` + inBody + `}`}, ""},
		"with odd characters":         {request{path: "/v1/track", body: track(`,"writeKey":"wk\"\u003cquote>é"`)}, ""},
		"in a header of its own":      {request{path: "/v1/track", body: track(`,"writeKey":"***"`), header: map[string]string{"X-Write-Key": key + ":secret"}}, ""},
		"basic before that":           {request{path: "/v1/track", body: track(""), header: with(basic(key+":"), "X-Write-Key", "nobody")}, ""},
		"unknown in basic":            {request{path: "/v1/track", body: track(inBody), header: basic("nobody:")}, "unknown_source"},
		"disabled":                    {request{path: "/v1/track", body: track(""), header: basic("wk_disabled:")}, "source_disabled"},
		"not a text":                  {request{path: "/v1/track", body: track(`,"writeKey":7`)}, "no_write_key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := do(newHandler(&memory{}), c.request)
			if a := read(t, w); a.Code != c.code || (w.Code == 200) != (c.code == "") || (w.Code == 400) != (c.code != "") {
				t.Errorf("%d %s, want code %q", w.Code, w.Body, c.code)
			}
		})
	}
}
