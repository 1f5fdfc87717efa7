package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/eventlog/jetlog"
	"penstock/internal/vault"
	"penstock/test/harness"
)

// The secrets of the test. None of them may be found anywhere but where it is used.
const (
	sharedSecret    = "shared-secret-of-the-test-0123456789"
	signatureSecret = "signature-secret-of-the-test-987654321"
	laterSecret     = "later-secret-of-the-test-555555555555"
)

func secretWorkspace(url string) string {
	return fmt.Sprintf(`
apps: [{slug: acme, name: Acme, key: "00000000000000000000000000000001", sharedSecret: %s, signatureSecret: %s, checkSignature: true}]
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}]
destinations:
  - slug: hook
    name: Hook
    source: website
    type: actions-webhook
    settings: {sharedSecret: %s, signingSecret: %s}
    mappings:
      - {name: All, action: send, trigger: type = "track", fields: {url: "%s", method: POST, data: {"@path": "$."}}}
`, sharedSecret, signatureSecret, sharedSecret, signatureSecret, url)
}

// A secret is nowhere in the data folder, in no log, in no answer and in no record of the audit trail; the destination has it all the same, across a restart and a rotation.
func TestSecretsAreNowhere(t *testing.T) {
	dir := t.TempDir()
	url, taken := sink(t)
	var told strings.Builder // what was answered and logged
	look := func(r *running) {
		t.Helper()
		for _, path := range []string{
			"/api/workspace", "/api/workspace?format=json", "/api/destinations", "/api/destinations/hook", "/api/apps", "/api/ledger", "/api/events/m-1", "/api/tail?from=start&follow=false",
			"/api/audit?limit=1000", "/api/secrets", "/api/server", "/metrics",
		} {
			status, body := r.ask(t, http.MethodGet, path, "")
			if status != http.StatusOK && path != "/api/events/m-1" {
				t.Errorf("GET %s: %d %s", path, status, body)
			}
			told.WriteString(body)
		}
		told.WriteString(r.logs.String())
	}
	r := begin(t, dir, nil)
	if status, body := r.ask(t, http.MethodPut, "/api/workspace", secretWorkspace(url)); status != http.StatusOK {
		t.Fatalf("apply: %d %s", status, body)
	}
	if status, body := r.ask(t, http.MethodPost, "/v1/track", `{"event":"A","userId":"u","messageId":"m-1","writeKey":"wk_website_1"}`); status != http.StatusOK {
		t.Fatalf("track: %d %s", status, body)
	}
	harness.Eventually(t, "the event is delivered", func() error {
		if n := taken(); n == 0 {
			return fmt.Errorf("%d were taken", n)
		}
		return nil
	})
	look(r)
	if status, body := r.ask(t, http.MethodPut, "/api/workspace", strings.Replace(secretWorkspace(url), "settings: {sharedSecret: "+sharedSecret, "settings: {sharedSecret: "+laterSecret, 1)); status != http.StatusOK {
		t.Fatalf("apply: %d %s", status, body)
	}
	_, exported := r.ask(t, http.MethodGet, "/api/workspace", "")
	if status, body := r.ask(t, http.MethodPut, "/api/workspace?prune=true", exported); status != http.StatusOK || !strings.Contains(body, `"changes":[]`) {
		t.Errorf("apply of what was exported: %d %s, want that nothing changes", status, body)
	}
	before := r.secrets.vault.Keys().ID()
	if status, body := r.ask(t, http.MethodPost, "/api/secrets/rotate", ""); status != http.StatusOK || strings.Contains(body, before) || !strings.Contains(body, `"secrets":4`) {
		t.Errorf("rotate: %d %s, want 4 secrets with another key", status, body)
	}
	look(r)
	r.end(t)
	r = begin(t, dir, nil)
	look(r)
	var settings struct{ SharedSecret, SigningSecret string }
	if err := json.Unmarshal(r.workspace.Snapshot().DestinationBySlug("hook").Settings, &settings); err != nil || settings.SharedSecret != laterSecret || settings.SigningSecret != signatureSecret {
		t.Errorf("the destination has %+v, %v", settings, err)
	}
	if app := r.workspace.Snapshot().AppBySlug("acme"); app.SharedSecret.Reveal() != sharedSecret {
		t.Errorf("the app has %q", app.SharedSecret.Reveal())
	}
	r.end(t)
	for _, secret := range []string{sharedSecret, signatureSecret, laterSecret, adminTestToken} {
		for form, text := range map[string]string{"": secret, "in base64": base64.StdEncoding.EncodeToString([]byte(secret))[:20]} {
			if files := holding(t, dir, text); len(files) > 0 {
				t.Errorf("%s%s is in %v", secret, form, files)
			}
			if i := strings.Index(told.String(), text); i >= 0 {
				t.Errorf("%s%s was answered or logged: ...%s", secret, form, told.String()[max(0, i-200):i])
			}
		}
	}
	if !strings.Contains(told.String(), "••••••••••6789") {
		t.Error("no secret is shown masked, so the test looks at the wrong answers")
	}
}

// A folder of a version that kept secrets in the clear is taken over, and nothing of them is left in it.
func TestPlainSecretsAreTakenOver(t *testing.T) {
	dir := t.TempDir()
	entries := map[string]string{
		"default.sources.s1":      `{"id":"s1","slug":"website","name":"Website","type":"javascript","writeKeys":["wk_website_1"],"enabled":true}`,
		"default.destinations.d1": `{"id":"d1","slug":"hook","name":"Hook","source":"s1","type":"actions-webhook","enabled":true,"settings":{"sharedSecret":"` + sharedSecret + `"}}`,
		"default.apps.a1":         `{"id":"a1","slug":"acme","name":"Acme","key":"00000000000000000000000000000001","sharedSecret":"` + signatureSecret + `"}`,
	}
	store, err := jetlog.Open(t.Context(), jetlog.DefaultConfig(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	kv, err := store.KV(t.Context(), bucketPlain)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range entries {
		if _, err := kv.Put(t.Context(), key, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if len(holding(t, dir, sharedSecret)) == 0 {
		t.Fatal("the secret is not in the folder to begin with, so the test shows nothing")
	}
	r := begin(t, dir, nil)
	d := r.workspace.Snapshot().DestinationBySlug("hook")
	if d == nil || !strings.Contains(string(d.Settings), sharedSecret) {
		t.Errorf("the destination is %+v", d)
	}
	r.end(t)
	for _, secret := range []string{sharedSecret, signatureSecret} {
		if files := holding(t, dir, secret); len(files) > 0 {
			t.Errorf("%s is in %v", secret, files)
		}
	}
}

// With another key, or without the one that there was, the server does not start, and says what to do.
func TestLostKeyIsTold(t *testing.T) {
	dir := t.TempDir()
	url, _ := sink(t)
	given := func(fill byte, old ...byte) func(*Config) {
		key := func(b byte) string {
			return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(b)), vault.KeyBytes)))
		}
		return func(c *Config) {
			c.SecretKey = key(fill)
			for _, b := range old {
				c.SecretKeysOld = append(c.SecretKeysOld, key(b))
			}
		}
	}
	r := begin(t, dir, given('a'))
	if status, body := r.ask(t, http.MethodPut, "/api/workspace", secretWorkspace(url)); status != http.StatusOK {
		t.Fatalf("apply: %d %s", status, body)
	}
	if status, body := r.ask(t, http.MethodPost, "/api/secrets/rotate", ""); status != http.StatusConflict || !strings.Contains(body, "PENSTOCK_SECRET_KEY_OLD") {
		t.Errorf("rotate an operator's key: %d %s, want 409", status, body)
	}
	r.end(t)
	if fileExists(t, filepath.Join(dir, vault.KeyFile)) {
		t.Error("a key was made although one was given")
	}
	failing := &server{cfg: r.cfg, parts: newParts(r.cfg.Logger)}
	given('b')(&failing.cfg)
	_, err := failing.start(t.Context())
	if stopped := failing.parts.stop(context.WithoutCancel(t.Context())); err == nil || !strings.Contains(err.Error(), "PENSTOCK_SECRET_KEY_OLD") || stopped != nil {
		t.Fatalf("start with another key: %v (%v), want that it says what to do", err, stopped)
	}
	r = begin(t, dir, given('b', 'a'))
	r.end(t)
	r = begin(t, dir, given('b'))
	if d := r.workspace.Snapshot().DestinationBySlug("hook"); d == nil || !strings.Contains(string(d.Settings), sharedSecret) {
		t.Errorf("after the operator's rotation the destination is %+v", d)
	}
	r.end(t)
}
