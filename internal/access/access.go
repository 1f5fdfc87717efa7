// Package access is the gate in front of the control API, whichever shape it has: it finds out who sends a request, and lets it through to those routes
// only that their role may use. Every route says which role it needs when it is registered; one that does not say so cannot be registered.
//
// It knows neither users nor tokens: an Authenticator, which internal/accounts is, tells whom a request is from. Behind the gate, Of and From
// tell the handlers.
package access

import (
	"context"
	"slices"
)

// Role is what a principal may do, and what a route needs.
type Role string

// The roles. Each may do what those before it may.
const (
	Anyone Role = "anyone" // of routes only: nobody has to say who they are
	Viewer Role = "viewer" // look at everything but users, tokens and secrets
	Editor Role = "editor" // change what is configured, and send again
	Owner  Role = "owner"  // users, tokens, the key of the secrets
)

// Roles lists those that a principal can have, the one that may do the least first.
func Roles() []Role { return []Role{Viewer, Editor, Owner} }

// IsRole tells whether a principal can have this role.
func IsRole(r Role) bool { return slices.Contains(Roles(), r) }

func rank(r Role) int { return slices.Index([]Role{Anyone, Viewer, Editor, Owner}, r) }

// May tells whether somebody of this role may do what needs another.
func (r Role) May(needed Role) bool {
	return needed == Anyone || rank(needed) > 0 && rank(r) >= rank(needed)
}

// Kind says what a principal is.
type Kind string

// The kinds of principals.
const (
	User   Kind = "user"   // a person with a session
	Token  Kind = "token"  // a program with a token
	System Kind = "system" // the server itself, as when it applies a file at start
)

// Principal is who does something.
type Principal struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name" doc:"Name of the user or of the token"`
	Role Role   `json:"role,omitempty"`
}

// Bootstrap is who comes with the token that the server was started with, or that it printed at its first start.
func Bootstrap() Principal {
	return Principal{Kind: Token, ID: "bootstrap", Name: "admin token", Role: Owner}
}

// Origin is where a request comes from.
type Origin struct {
	Address string `json:"address,omitempty" doc:"IP address; behind a trusted proxy, what that says"`
	Agent   string `json:"agent,omitempty" doc:"The User-Agent, at most 200 characters"`
	Secure  bool   `json:"-"` // the client has reached the server, or the proxy before it, over TLS
}

type principalKey struct{}

type originKey struct{}

// With returns a context of which Of tells the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Of tells who does what is done in a context: behind the gate, whoever sent the request; ok is false where nobody had to say who they are, and did not.
func Of(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// WithOrigin returns a context of which From tells the origin.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// From tells where the request of a context comes from; the zero Origin where there is none.
func From(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
