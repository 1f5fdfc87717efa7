package access_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"penstock/internal/access"
)

// byHeader knows principals by a header of the tests.
type byHeader struct{}

func (byHeader) Authenticate(r *http.Request) (access.Principal, error) {
	role := access.Role(r.Header.Get("Role"))
	if role == "" {
		return access.Principal{}, errors.New("say who you are")
	}
	return access.Principal{Kind: access.User, ID: "u", Name: "U", Role: role}, nil
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, detail)
}

func newGate() *access.Gate {
	return access.NewGate(access.Config{Authenticator: byHeader{}, Refuse: refuse, Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, PublicURL: "https://penstock.example/at"})
}

// TestEveryRoleAtEveryRoute: whoever has too small a role is refused, before the route hears of it.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	g := newGate()
	for _, needed := range append(access.Roles(), access.Anyone) {
		g.Handle("GET /"+string(needed), needed, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who, ok := access.Of(r.Context())
			_, _ = fmt.Fprintf(w, "%s %v", who.Role, ok)
		}))
	}
	for path, want := range map[string]string{ // by role of the caller: none, viewer, editor, owner, one that there is not
		"/anyone":  "200 200 200 200 200",
		"/viewer":  "401 200 200 200 403",
		"/editor":  "401 403 200 200 403",
		"/owner":   "401 403 403 200 403",
		"/nowhere": "401 404 404 404 403",
	} {
		var got []string
		for _, role := range []string{"", "viewer", "editor", "owner", "king"} {
			r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
			r.Header.Set("Role", role)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			got = append(got, fmt.Sprint(w.Code))
			if w.Code == http.StatusOK && w.Body.String() != fmt.Sprintf("%s %v", role, role != "") {
				t.Errorf("GET %s as %q: the route saw %q", path, role, w.Body)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("GET %s (-want +got):\n%s", path, diff)
		}
	}
}

func TestRoutesSayWhatTheyNeed(t *testing.T) {
	type empty struct{}
	undeclared := func(context.Context, *empty) (*empty, error) { return &empty{}, nil }
	for name, register := range map[string]func(g *access.Gate){
		"no such role": func(g *access.Gate) { g.Handle("GET /x", "king", http.NotFoundHandler()) },
		"none":         func(g *access.Gate) { g.Handle("GET /x", "", http.NotFoundHandler()) },
		"operation": func(g *access.Gate) {
			huma.Register(g.API(humaConfig()), huma.Operation{OperationID: "x", Method: http.MethodGet, Path: "/x"}, undeclared)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was registered")
				}
			}()
			register(newGate())
		})
	}
	g := newGate()
	op := access.Allow(huma.Operation{OperationID: "x", Method: http.MethodPost, Path: "/x/{id}"}, access.Editor)
	huma.Register(g.API(humaConfig()), op, undeclared)
	if diff := cmp.Diff([]access.Route{{Pattern: "POST /x/{id}", Needs: access.Editor}}, g.Routes()); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func humaConfig() huma.Config {
	config := huma.DefaultConfig("test", "1")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	return config
}

// TestOtherOriginsChangeNothing: neither with a session's cookie nor with anything else; but our own pages may, also behind a proxy that hides our name.
func TestOtherOriginsChangeNothing(t *testing.T) {
	g := newGate()
	g.Handle("/x", access.Anyone, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, c := range []struct {
		method, origin, site string
		want                 int
	}{
		{http.MethodPost, "", "", 200},
		{http.MethodPost, "", "same-origin", 200},
		{http.MethodPost, "", "cross-site", 403},
		{http.MethodPost, "", "same-site", 403},
		{http.MethodPost, "https://elsewhere.example", "", 403},
		{http.MethodPost, "https://penstock.example", "", 200},
		{http.MethodDelete, "https://elsewhere.example", "cross-site", 403},
		{http.MethodGet, "https://elsewhere.example", "cross-site", 200},
	} {
		r := httptest.NewRequest(c.method, "/x", http.NoBody)
		for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s from %q (%s): %d %s, want %d", c.method, c.origin, c.site, w.Code, w.Body, c.want)
		}
	}
}

func TestOriginIsKept(t *testing.T) {
	g := newGate()
	var got access.Origin
	g.Handle("/x", access.Anyone, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = access.From(r.Context()) }))
	r := httptest.NewRequest(http.MethodGet, "/x", http.NoBody)
	r.RemoteAddr = "192.0.2.7:1234"
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("User-Agent", strings.Repeat("ä", 101))
	g.ServeHTTP(httptest.NewRecorder(), r)
	if diff := cmp.Diff(access.Origin{Address: "203.0.113.9", Agent: strings.Repeat("ä", 100)}, got); diff != "" {
		t.Errorf("origin (-want +got):\n%s", diff)
	}
}

// fickle lets in until it does not.
type fickle struct{ revoked atomic.Bool }

func (f *fickle) Authenticate(*http.Request) (access.Principal, error) {
	if f.revoked.Load() {
		return access.Principal{}, access.ErrNobody
	}
	return access.Principal{Kind: access.User, Role: access.Viewer}, nil
}

// A request that lasts ends when it would not be let in any more; one that is short leaves nothing behind.
func TestRevocationEndsWhatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fickle{}
		g := access.NewGate(access.Config{Authenticator: f, Refuse: refuse})
		g.Handle("GET /tail", access.Viewer, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		g.Handle("GET /short", access.Viewer, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/short", http.NoBody))
		began := time.Now()
		time.AfterFunc(time.Hour, func() { f.revoked.Store(true) })
		g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/tail", http.NoBody))
		if lasted := time.Since(began); lasted < time.Hour || lasted > time.Hour+20*time.Second {
			t.Errorf("it lasted %s, want that it ended soon after an hour", lasted)
		}
	})
}

func TestHashedToken(t *testing.T) {
	auth := access.HashedToken(sha256.Sum256([]byte("a-token")))
	for header, want := range map[string]error{
		"Bearer a-token": nil, "bearer  a-token ": nil, "Bearer b-token": access.ErrToken, "Basic a-token": access.ErrNobody, "": access.ErrNobody, "Bearer": access.ErrNobody,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", header)
		if _, err := auth.Authenticate(r); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", header, err, want)
		}
	}
}
