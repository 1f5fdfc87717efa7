package admin

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzBodies sends whatever it finds to each operation that takes a body. None may end in a panic, or in an answer that it was the server's fault.
func FuzzBodies(f *testing.F) {
	api, _ := document()
	described := operationsOf(api)
	var operations []string
	for _, route := range slices.Sorted(maps.Keys(described)) {
		if described[route].RequestBody != nil {
			operations = append(operations, route)
		}
	}
	if len(operations) < 10 {
		f.Fatalf("only %d operations take a body", len(operations))
	}
	seeds := []string{
		`{}`, `[]`, `null`, `{"name":"Web","type":"javascript","slug":"website","writeKeys":["wk_website_1"],"labels":[{"key":"a","value":"b"}]}`,
		`{"source":"website","type":"actions-webhook","slug":"hook","settings":{"sharedSecret":"••••••••••"},"mappings":[{"name":"m","action":"send","trigger":"type = \"track\"","fields":{"url":"http://localhost/","data":{"@path":"$."}}}]}`,
		`{"text":"type = \"track\" and properties.a > 1"}`, `{"form":{"join":"and","groups":[{"join":"or","conditions":[{"field":"properties","name":"plan","operator":"=","value":"pro"}]}]}}`,
		`{"source":"website","inputs":{"region":"eu","key":"00000000000000000000000000000001"}}`, `{"key":"env","value":"prod"}`, `{"enabled":null,"settings":{"a":[1e999,"\ud800"]}}`,
		`{"email":"ada@example.com","name":"Ada","role":"owner","password":"correct horse battery","token":"x","current":"y","expiresAt":"2999-01-01T00:00:00Z"}`,
		"apps: [{slug: acme, name: Acme, key: \"00000000000000000000000000000001\"}]\nsources: [{slug: s, name: S, type: server, writeKeys: [wk_website_2]}]\n",
		`{"destination":"hook","mapping":"m","event":{"type":"track","event":"A","userId":"1"},"send":false,"force":true}`,
	}
	for i := range operations {
		for k, seed := range seeds {
			f.Add(uint8(i), []string{"website", "hook", "m", "actions-webhook"}[k%4], "", []byte(seed))
		}
	}
	r := newResourceRig(f)
	wildcard := regexp.MustCompile(`\{[^}]*\}`)
	f.Fuzz(func(t *testing.T, at uint8, id, query string, body []byte) {
		method, path, _ := strings.Cut(operations[int(at)%len(operations)], " ")
		target := &url.URL{Path: wildcard.ReplaceAllLiteralString(path, id), RawQuery: query}
		req, err := http.NewRequestWithContext(t.Context(), method, target.String(), bytes.NewReader(body))
		if err != nil {
			return // it is no request
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		r.gate.ServeHTTP(w, req)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %s: %d %s\n%s", method, target, w.Code, w.Body, body)
		}
	})
}
