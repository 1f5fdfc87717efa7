package admin

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"penstock/internal/access"
	"penstock/internal/accounts"
)

// tokenOf makes a token of a role.
func (r *rig) tokenOf(t *testing.T, role access.Role) string {
	t.Helper()
	secret, _, err := r.accounts.CreateToken(t.Context(), accounts.NewToken{Name: string(role), Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// sessionOf makes a user of a role, signs in, and returns the cookie.
func (r *rig) sessionOf(t *testing.T, role access.Role) string {
	t.Helper()
	email, password := string(role)+"@example.com", "a password of "+string(role)
	if _, _, err := r.accounts.CreateUser(t.Context(), accounts.NewUser{Email: email, Name: "User", Role: role, Password: password}); err != nil {
		t.Fatal(err)
	}
	secret, _, err := r.accounts.SignIn(t.Context(), email, password)
	if err != nil {
		t.Fatal(err)
	}
	return access.SessionCookie + "=" + secret
}

// TestEveryRouteByEveryRole walks what is behind the gate: each route with nobody, and with a token and a session of each role. Who has too small a role is refused, and
// nobody else is refused for it. A new route is in it by itself.
func TestEveryRouteByEveryRole(t *testing.T) {
	r := newResourceRig(t)
	r.fake.broken = nil
	type caller struct {
		name    string
		role    access.Role
		headers map[string]string
	}
	callers := []caller{{"nobody", access.Anyone, map[string]string{}}}
	for _, role := range access.Roles() {
		callers = append(callers,
			caller{"token " + string(role), role, map[string]string{"Authorization": "Bearer " + r.tokenOf(t, role)}},
			caller{"session " + string(role), role, map[string]string{"Cookie": r.sessionOf(t, role)}})
	}
	callers = append(callers, caller{"bootstrap", access.Owner, map[string]string{"Authorization": "Bearer " + token}})
	wildcard := regexp.MustCompile(`\{[^}]*\}`)
	routes := r.gate.Routes()
	if len(routes) < 30 {
		t.Fatalf("only %d routes", len(routes))
	}
	// What ends a session comes last.
	slices.SortStableFunc(routes, func(a, b access.Route) int { return endsSessions(a) - endsSessions(b) })
	for _, route := range routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		for _, c := range callers {
			status, body := r.head(t, method, wildcard.ReplaceAllString(path, "x"), c.headers)
			want := 0 // whatever the route says
			switch {
			case c.role.May(route.Needs):
			case c.role == access.Anyone:
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			refused := status == http.StatusUnauthorized || status == http.StatusForbidden
			switch {
			case want != 0 && status != want:
				t.Errorf("%s as %s: %d, want %d", route.Pattern, c.name, status, want)
			case want == 0 && (refused || status >= http.StatusInternalServerError && route.Pattern != "GET /readyz"):
				t.Errorf("%s as %s: %d %s, want that the route answers it", route.Pattern, c.name, status, body)
			}
		}
	}
}

func endsSessions(r access.Route) int {
	if strings.HasPrefix(r.Pattern, "DELETE /api/session") {
		return 1
	}
	return 0
}

// head sends a request without a body, and looks at the beginning of the answer: some never end.
func (r *rig) head(t *testing.T, method, path string, headers map[string]string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.Server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var beginning [300]byte
	n := 0
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		n, _ = res.Body.Read(beginning[:]) // for the message of a failure
	}
	return res.StatusCode, string(beginning[:n])
}
