package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"penstock/internal/access"
	"penstock/internal/accounts"
)

func fileExists(t *testing.T, path string) bool {
	t.Helper()
	matches, err := filepath.Glob(path)
	if err != nil {
		t.Fatal(err)
	}
	return len(matches) > 0
}

// TestEveryDoor walks all that the server answers to, each route with nobody and with a token of each role: what is not open on purpose refuses whoever may not come in, and the
// others are let in. It finds the routes by itself.
func TestEveryDoor(t *testing.T) {
	r := begin(t, t.TempDir(), nil)
	defer r.end(t)
	tokens := map[access.Role]string{access.Anyone: ""}
	for _, role := range access.Roles() {
		secret, _, err := r.accounts.CreateToken(t.Context(), accounts.NewToken{Name: string(role), Role: role})
		if err != nil {
			t.Fatal(err)
		}
		tokens[role] = secret
	}
	gates := map[*access.Gate]bool{}
	open := 0
	for _, d := range r.doors.all {
		switch {
		case d.gate != nil:
			gates[d.gate] = true
		case d.open == "":
			t.Errorf("%s is open, and does not say why", d.pattern)
		default:
			open++
		}
	}
	if len(gates) == 0 || open == 0 {
		t.Fatalf("%d gates, %d open doors", len(gates), open)
	}
	wildcard := regexp.MustCompile(`\{[^}]*\}`)
	for gate := range gates {
		for _, route := range gate.Routes() {
			method, path, found := strings.Cut(route.Pattern, " ")
			if !found {
				method, path = http.MethodGet, route.Pattern
			}
			path = wildcard.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
			if strings.HasPrefix(path, "/api/tail") {
				path += "?follow=false"
			}
			for _, role := range append([]access.Role{access.Anyone}, access.Roles()...) {
				headers := map[string]string{}
				if tokens[role] != "" {
					headers["Authorization"] = "Bearer " + tokens[role]
				}
				status, body, err := send(t.Context(), method, r.url+path, "", headers)
				if err != nil {
					t.Fatal(err)
				}
				refused := slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden}, status)
				if refused == role.May(route.Needs) {
					t.Errorf("%s %s as %s: %d %s; it needs %s", method, path, role, status, body[:min(len(body), 200)], route.Needs)
				}
			}
		}
	}
	// What no gate knows is not told to strangers.
	for _, path := range []string{"/api/nowhere", "/api/", "/metrics"} {
		if status, _, err := send(t.Context(), http.MethodGet, r.url+path, "", nil); err != nil || status != http.StatusUnauthorized {
			t.Errorf("GET %s as nobody: %d, %v, want 401", path, status, err)
		}
	}
}

// The link of the first start makes an owner, once; the next start prints none.
func TestFirstStart(t *testing.T) {
	dir := t.TempDir()
	r := begin(t, dir, nil)
	started := r.accounts.Setup()
	body := `{"token":"` + started.Token + `","name":"Ada","email":"ada@example.com","password":"correct horse battery"}`
	status, answer, err := send(t.Context(), http.MethodPost, r.url+"/api/setup", body, map[string]string{"Content-Type": "application/json"})
	if err != nil || status != http.StatusOK || !strings.Contains(answer, `"role":"owner"`) {
		t.Fatalf("setup: %d %s, %v", status, answer, err)
	}
	if status, answer := r.ask(t, http.MethodPost, "/api/setup", body); status != http.StatusForbidden {
		t.Errorf("setup again: %d %s, want 403", status, answer)
	}
	r.end(t)
	r = begin(t, dir, nil)
	defer r.end(t)
	if link := r.accounts.Setup(); link != nil {
		t.Error("there is a link, with a user there")
	}
	var list struct {
		Data []struct{ Email, Role, State string } `json:"data"`
	}
	_, answer = r.ask(t, http.MethodGet, "/api/users", "")
	if err := json.Unmarshal([]byte(answer), &list); err != nil || len(list.Data) != 1 || list.Data[0].State != "active" {
		t.Errorf("users: %s, %v", answer, err)
	}
}

func TestServerInfo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "workspace.yaml")
	if err := os.WriteFile(file, []byte("sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := begin(t, filepath.Join(dir, "data"), func(c *Config) { c.WorkspaceFile = file })
	defer r.end(t)
	r.ask(t, http.MethodPost, "/v1/track", `{"event":"A","userId":"u","writeKey":"wk_website_1"}`)
	_, answer := r.ask(t, http.MethodGet, "/api/server", "")
	var got struct {
		Data struct {
			Version string
			Streams []struct {
				Name        string
				First, Last uint64
				Since       string
			}
			Storage  []struct{ Name string }
			Settings []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Data.Version != "test" || len(got.Data.Streams) != 4 {
		t.Fatalf("server: %s, %v", answer, err)
	}
	for _, s := range got.Data.Streams {
		if written := s.Name == "EVENTS" || s.Name == "AUDIT"; written != (s.First == 1 && s.Since != "") {
			t.Errorf("stream %+v", s)
		}
	}
	_, trail := r.ask(t, http.MethodGet, "/api/audit", "")
	if !strings.Contains(trail, `"kind":"system"`) || !strings.Contains(trail, `"name":"website"`) {
		t.Errorf("audit: %s, want that the file was applied by the server", trail)
	}
}

// withoutPasswords hides what a URL of the cluster holds.
func TestSettingsHoldNoPassword(t *testing.T) {
	c := Config{NATSURL: "nats://user:s3cret@one:4222,nats://two:4222", AdminToken: "t0ken", SecretKey: "k3y"}
	for _, s := range c.settings() {
		if s.Name == "nats-url" && s.Value != "nats://one:4222,nats://two:4222" {
			t.Errorf("nats-url: %s", s.Value)
		}
		if strings.Contains(s.Value, "t0ken") || strings.Contains(s.Value, "k3y") {
			t.Errorf("%s: %s", s.Name, s.Value)
		}
	}
}
