package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"penstock/internal/forwarded"
)

// ErrNobody says that a request does not say whom it is from.
var ErrNobody = errors.New("sign in, or send the header `Authorization: Bearer TOKEN`; TOKEN is one that an owner made, or what the server got as " +
	"PENSTOCK_ADMIN_TOKEN, or else what `penstock serve` printed at its first start")

// Authenticator finds out whom a request is from. The error says to the sender why that could not be found out; ErrNobody, where the
// request does not say.
type Authenticator interface {
	Authenticate(r *http.Request) (Principal, error)
}

// Refuse answers a request that is not let through: 401 or 403, and a sentence that says why and what to do.
type Refuse func(w http.ResponseWriter, status int, detail string)

// Config is what a gate is made of.
type Config struct {
	Authenticator Authenticator
	Refuse        Refuse
	Proxies       forwarded.Proxies // that stand in front of this server
	PublicURL     string            // under which others reach this server; empty: not known
}

// Gate stands in front of routes. Requests for routes that it does not know are let through to a 404 or 405 for those only who may look.
type Gate struct {
	cfg    Config
	mux    *http.ServeMux
	needs  map[string]Role // by pattern
	inside http.Handler    // behind the protection from pages of other origins
}

// NewGate makes a gate without routes. They are registered before the first request.
func NewGate(cfg Config) *Gate {
	g := &Gate{cfg: cfg, mux: http.NewServeMux(), needs: map[string]Role{}}
	origin := http.NewCrossOriginProtection()
	if cfg.PublicURL != "" {
		// A URL with a path has an origin all the same; one that is none was refused at start.
		scheme, rest, _ := strings.Cut(cfg.PublicURL, "://")
		host, _, _ := strings.Cut(rest, "/")
		if err := origin.AddTrustedOrigin(scheme + "://" + host); err != nil {
			panic("access: public URL: " + err.Error())
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		g.cfg.Refuse(w, http.StatusForbidden, "a page of another origin may not change anything here; send the request from the server's own pages, or from outside of a browser")
	}))
	g.inside = origin.Handler(http.HandlerFunc(g.admit))
	return g
}

// Handle registers a route, as http.ServeMux does, together with the role that it needs. It panics when there is no such role.
func (g *Gate) Handle(pattern string, needed Role, handler http.Handler) {
	if rank(needed) < 0 {
		panic(fmt.Sprintf("access: route %s needs the role %q, which there is not", pattern, needed))
	}
	g.needs[pattern] = needed
	g.mux.Handle(pattern, handler)
}

// Route is what is behind a gate.
type Route struct {
	Pattern string // as http.ServeMux has it
	Needs   Role
}

// Routes lists what is behind the gate, by pattern.
func (g *Gate) Routes() []Route {
	var all []Route
	for _, pattern := range slices.Sorted(maps.Keys(g.needs)) {
		all = append(all, Route{Pattern: pattern, Needs: g.needs[pattern]})
	}
	return all
}

// ServeHTTP lets a request through, or refuses it.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	g.inside.ServeHTTP(w, r)
}

// agentCharsMax bounds the User-Agent that is kept of a request, in bytes.
const agentCharsMax = 200

func (g *Gate) admit(w http.ResponseWriter, r *http.Request) {
	_, pattern := g.mux.Handler(r)
	needed := cmp.Or(g.needs[pattern], Viewer)
	from := Origin{Agent: strings.ToValidUTF8(r.UserAgent()[:min(len(r.UserAgent()), agentCharsMax)], "")}
	if addr := g.cfg.Proxies.Client(r); addr.IsValid() {
		from.Address = addr.String()
	}
	scheme, _ := g.cfg.Proxies.Reached(r, g.cfg.PublicURL)
	from.Secure = scheme == "https"
	ctx := WithOrigin(r.Context(), from)
	who, err := g.cfg.Authenticator.Authenticate(r.WithContext(ctx))
	switch {
	case err != nil && needed != Anyone:
		w.Header().Set("WWW-Authenticate", `Bearer realm="penstock"`)
		g.cfg.Refuse(w, http.StatusUnauthorized, err.Error())
		return
	case err == nil && !who.Role.May(needed):
		g.cfg.Refuse(w, http.StatusForbidden, fmt.Sprintf("this needs the role %s, and %s %q has the role %s; an owner can change that", needed, who.Kind, who.Name, who.Role))
		return
	case err == nil:
		ctx = With(ctx, who)
	}
	if needed != Anyone {
		var done func()
		ctx, done = g.whileAllowed(ctx, r, needed)
		defer done()
	}
	g.mux.ServeHTTP(w, r.WithContext(ctx))
}

// recheckEvery is how often it is checked again that a request that lasts, such as a live tail, is still allowed.
const recheckEvery = 10 * time.Second

// errRevoked ends a request whose session or token does not count any more.
var errRevoked = errors.New("the session or token was revoked, or has another role")

// whileAllowed is ctx, which ends when the request would not be let in any more; done is called when the request ends.
func (g *Gate) whileAllowed(ctx context.Context, r *http.Request, needed Role) (allowed context.Context, done func()) {
	ctx, end := context.WithCancelCause(ctx)
	again := make(chan *time.Timer, 1)
	again <- time.AfterFunc(recheckEvery, func() {
		timer, running := <-again
		if !running {
			return
		}
		who, err := g.cfg.Authenticator.Authenticate(r)
		if err != nil || !who.Role.May(needed) {
			end(errRevoked)
		} else {
			timer.Reset(recheckEvery)
		}
		again <- timer
	})
	return ctx, func() {
		(<-again).Stop()
		close(again)
		end(nil)
	}
}
