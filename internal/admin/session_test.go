package admin

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"penstock/internal/access"
)

// reply is an answer without its body.
type reply struct {
	StatusCode int
	Header     http.Header
	cookies    []*http.Cookie
}

// call sends JSON with headers, and returns the answer and its body.
func (r *rig) call(t *testing.T, method, path, body string, headers map[string]string) (reply, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, res.Cookies()}, string(text)
}

// cookieOf is the cookie that an answer sets.
func cookieOf(t *testing.T, res reply) *http.Cookie {
	t.Helper()
	for _, c := range res.cookies {
		if c.Name == access.SessionCookie {
			return c
		}
	}
	t.Fatalf("no cookie is set: %v", res.Header)
	return nil
}

// who is GET /api/session.
func (r *rig) who(t *testing.T, cookie *http.Cookie) Session {
	t.Helper()
	headers := map[string]string{}
	if cookie != nil {
		headers["Cookie"] = cookie.Name + "=" + cookie.Value
	}
	res, body := r.call(t, http.MethodGet, "/api/session", "", headers)
	var out struct{ Data Session }
	if err := json.Unmarshal([]byte(body), &out); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET /api/session: %d %s, %v", res.StatusCode, body, err)
	}
	return out.Data
}

const adaSignsIn = `{"email":"ada@example.com","password":"correct horse battery"}`

// From the one-time link to signing out: a browser's way.
func TestWayOfASession(t *testing.T) {
	r := newRig(t)
	if s := r.who(t, nil); s.SignedIn || s.Principal != nil || !s.Setup {
		t.Errorf("before: %+v", s)
	}
	link := r.accounts.Setup()
	res, body := r.call(t, http.MethodPost, "/api/setup", `{"token":"`+link.Token+`","name":"Ada","email":"ada@example.com","password":"correct horse battery"}`, nil)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("setup: %d %s", res.StatusCode, body)
	}
	first := cookieOf(t, res)
	if !first.HttpOnly || first.SameSite != http.SameSiteStrictMode || first.Secure || first.Path != "/" || first.Expires.IsZero() || len(first.Value) < 40 {
		t.Errorf("cookie: %+v", first)
	}
	if s := r.who(t, first); !s.SignedIn || s.Setup || s.Email != "ada@example.com" || s.Principal.Role != access.Owner || s.ExpiresAt == nil {
		t.Errorf("signed in: %+v", s)
	}
	if strings.Contains(body, first.Value) {
		t.Error("the secret of the session is in the body")
	}

	res, body = r.call(t, http.MethodPost, "/api/session", adaSignsIn, nil)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("sign in: %d %s", res.StatusCode, body)
	}
	second := cookieOf(t, res)
	res, body = r.call(t, http.MethodPut, "/api/session/password", `{"current":"wrong","password":"another password"}`, map[string]string{"Cookie": second.Name + "=" + second.Value})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `"location":"body.current"`) {
		t.Errorf("change of the password without it: %d %s", res.StatusCode, body)
	}
	res, body = r.call(t, http.MethodPut, "/api/session/password", `{"current":"correct horse battery","password":"another password"}`, map[string]string{"Cookie": second.Name + "=" + second.Value})
	if res.StatusCode != http.StatusOK {
		t.Fatalf("change of the password: %d %s", res.StatusCode, body)
	}
	third := cookieOf(t, res)
	for i, c := range []*http.Cookie{first, second} {
		if s := r.who(t, c); s.SignedIn {
			t.Errorf("session %d outlives its password: %+v", i, s)
		}
	}
	res, _ = r.call(t, http.MethodDelete, "/api/session", "", map[string]string{"Cookie": third.Name + "=" + third.Value})
	if gone := cookieOf(t, res); res.StatusCode != http.StatusNoContent || gone.MaxAge >= 0 || gone.Value != "" {
		t.Errorf("sign out: %d, %+v", res.StatusCode, gone)
	}
	if s := r.who(t, third); s.SignedIn {
		t.Errorf("after signing out: %+v", s)
	}
}

func TestSessionOverTLS(t *testing.T) {
	o := access.Origin{Secure: true}
	if c := cookie(access.WithOrigin(t.Context(), o), "x", time.Now()); !c.Secure {
		t.Error("the cookie of a session over TLS is sent in the clear as well")
	}
}

// A session's cookie does nothing for a page of another origin.
func TestSessionOfAnotherOrigin(t *testing.T) {
	r := newRig(t)
	cookie := r.sessionOf(t, access.Owner)
	for _, headers := range []map[string]string{
		{"Cookie": cookie, "Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
		{"Cookie": cookie, "Origin": "https://elsewhere.example"},
	} {
		if res, body := r.call(t, http.MethodPost, "/api/tokens", `{"name":"x","role":"owner"}`, headers); res.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d %s, want 403", headers, res.StatusCode, body)
		}
	}
	if n := len(r.accounts.Tokens()); n != 0 {
		t.Errorf("%d tokens were made", n)
	}
}

func TestTriesAreAnswered429(t *testing.T) {
	r := newRig(t)
	for range 50 {
		res, body := r.call(t, http.MethodPost, "/api/session", adaSignsIn, nil)
		switch res.StatusCode {
		case http.StatusUnauthorized:
		case http.StatusTooManyRequests:
			if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || n < 1 {
				t.Errorf("Retry-After: %q", res.Header.Get("Retry-After"))
			}
			return
		default:
			t.Fatalf("sign in: %d %s", res.StatusCode, body)
		}
	}
	t.Error("whoever guesses may go on for ever")
}

func TestUsersAndTokensOverHTTP(t *testing.T) {
	r := newRig(t)
	made := ask[CreatedUser](t, r, http.StatusOK, http.MethodPost, "/api/users", `{"email":"ada@example.com","name":"Ada","role":"editor"}`)
	if made.User.State != "invited" || made.Invite == nil || !strings.HasPrefix(made.Invite.Link, r.Server.URL+"/invite#token=") {
		t.Fatalf("invited: %+v", made)
	}
	ask[any](t, r, http.StatusConflict, http.MethodPost, "/api/users", `{"email":"ada@example.com","name":"Ada","role":"editor"}`)
	ask[any](t, r, http.StatusUnprocessableEntity, http.MethodPost, "/api/users", `{"email":"a@example.com","name":"A","role":"king"}`)
	res, body := r.call(t, http.MethodPost, "/api/invites/accept", `{"token":"`+made.Invite.Token+`","password":"correct horse battery"}`, nil)
	if res.StatusCode != http.StatusOK || cookieOf(t, res).Value == "" {
		t.Fatalf("accept: %d %s", res.StatusCode, body)
	}
	if res, _ := r.call(t, http.MethodPost, "/api/invites/accept", `{"token":"`+made.Invite.Token+`","password":"correct horse battery"}`, nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("accept again: %d, want 403", res.StatusCode)
	}
	path := "/api/users/" + made.User.ID
	if u := ask[User](t, r, http.StatusOK, http.MethodPatch, path, `{"role":"owner","name":"Countess"}`); u.Role != access.Owner || u.Name != "Countess" || u.State != "active" || u.LastSignInAt == nil {
		t.Errorf("changed: %+v", u)
	}
	ask[any](t, r, http.StatusConflict, http.MethodDelete, path, "")
	ask[any](t, r, http.StatusNotFound, http.MethodGet, "/api/users/nobody", "")
	if link := ask[Invite](t, r, http.StatusOK, http.MethodPost, path+"/invite", ""); link.Token == "" {
		t.Error("no further link")
	}

	token := ask[CreatedToken](t, r, http.StatusOK, http.MethodPost, "/api/tokens", `{"name":"ci","role":"viewer","expiresAt":"2999-01-01T00:00:00Z"}`)
	if !strings.HasPrefix(token.Secret, "pst_") || token.CreatedBy != "admin token" {
		t.Errorf("token: %+v", token)
	}
	ask[any](t, r, http.StatusUnprocessableEntity, http.MethodPost, "/api/tokens", `{"name":"ci","role":"viewer","expiresAt":"1999-01-01T00:00:00Z"}`)
	_, listed := r.do(t, http.MethodGet, "/api/tokens", "")
	if strings.Contains(listed, token.Secret) || !strings.Contains(listed, token.ID) {
		t.Errorf("listed: %s", listed)
	}
	ask[any](t, r, http.StatusNoContent, http.MethodDelete, "/api/tokens/"+token.ID, "")
	ask[any](t, r, http.StatusNotFound, http.MethodDelete, "/api/tokens/"+token.ID, "")
}

// TestAuditOverHTTP: whichever way a change came, it is there, with who made it; page by page.
func TestAuditOverHTTP(t *testing.T) {
	r := newResourceRig(t)
	editor := map[string]string{"Authorization": "Bearer " + r.tokenOf(t, access.Editor), "User-Agent": "terraform/1"}
	if res, body := r.call(t, http.MethodPost, "/api/sources", `{"slug":"website","type":"javascript"}`, editor); res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","slug":"hook","settings":{"sharedSecret":"a-secret-of-some-length"}}`)
	ask[Destination](t, r, http.StatusOK, "PATCH", "/api/destinations/hook", `{"enabled":false}`)
	r.do(t, http.MethodPut, "/api/workspace", "apps: [{slug: acme, name: Acme, key: \"00000000000000000000000000000001\"}]")
	ask[any](t, r, http.StatusNoContent, "DELETE", "/api/destinations/hook", "")

	var all []AuditEntry
	for next := ""; ; {
		status, body := r.do(t, http.MethodGet, "/api/audit?limit=2&before="+next, "")
		var page struct {
			Data []AuditEntry
			Next string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
			t.Fatalf("audit: %d %s, %v", status, body, err)
		}
		all = append(all, page.Data...)
		if next = page.Next; next == "" {
			break
		}
	}
	var got []string
	for _, e := range all {
		who := "nobody"
		if e.Actor != nil {
			who = e.Actor.Name
		}
		got = append(got, e.Action+" "+e.Kind+" "+e.Name+" by "+who)
	}
	want := "delete destination hook by admin token, create app acme by admin token, update destination hook by admin token, create destination hook by admin token, " +
		"create source website by editor, create token editor by nobody"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("trail:\n%s, want\n%s", text, want)
	}
	changed := all[2]
	if !strings.Contains(string(changed.Before), `"enabled":true`) || !strings.Contains(string(changed.After), `"enabled":false`) || !strings.Contains(string(changed.After), `"••••••••••ngth"`) {
		t.Errorf("change: %s -> %s", changed.Before, changed.After)
	}
	if by := all[4]; by.Agent != "terraform/1" || by.Address != "127.0.0.1" || by.Actor.Role != access.Editor || by.Actor.Kind != access.Token {
		t.Errorf("by whom: %+v", by)
	}
	for query, n := range map[string]int{"kind=destination": 3, "actor=editor": 1, "action=create&kind=app": 1, "name=hook&action=delete": 1, "since=2999-01-01T00:00:00Z": 0, "until=1999-01-01T00:00:00Z": 0} {
		if got := len(ask[[]AuditEntry](t, r, http.StatusOK, http.MethodGet, "/api/audit?"+query, "")); got != n {
			t.Errorf("%s: %d entries, want %d", query, got, n)
		}
	}
	ask[any](t, r, http.StatusUnprocessableEntity, http.MethodGet, "/api/audit?before=x", "")
}

func TestSecretsOverHTTP(t *testing.T) {
	r := newRig(t)
	if s := ask[SecretState](t, r, http.StatusOK, http.MethodGet, "/api/secrets", ""); s.Key != r.keys.ID() || s.Secrets != 0 {
		t.Errorf("secrets: %+v", s)
	}
	ask[any](t, r, http.StatusConflict, http.MethodPost, "/api/secrets/rotate", "")
}
