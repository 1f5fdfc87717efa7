package access

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Names of the ways to say who one is, in the description of an API.
const (
	schemeToken   = "token"
	schemeSession = "session"
)

// SessionCookie is the name of the cookie that a session is known by.
const SessionCookie = "penstock_session"

// Allow declares which role an operation needs. That stands in the description of the API: a security requirement lists the role, as OpenAPI 3.1 has it.
func Allow(op huma.Operation, needed Role) huma.Operation {
	if needed == Anyone {
		op.Security = []map[string][]string{{}}
		return op
	}
	op.Security = []map[string][]string{{schemeToken: {string(needed)}}, {schemeSession: {string(needed)}}}
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		if !slices.Contains(op.Errors, status) {
			op.Errors = append(slices.Clip(op.Errors), status)
		}
	}
	slices.Sort(op.Errors)
	return op
}

// NeededBy is the role that an operation was allowed for; ok is false when it was not declared.
func NeededBy(op *huma.Operation) (needed Role, ok bool) {
	if len(op.Security) == 0 {
		return "", false
	}
	roles := op.Security[0][schemeToken]
	if len(roles) == 0 {
		return Anyone, len(op.Security[0]) == 0
	}
	return Role(roles[0]), true
}

// API makes an API whose operations are routes of the gate. Each of them must have been given to Allow; one that was not panics.
func (g *Gate) API(config huma.Config) huma.API {
	if config.Components.SecuritySchemes == nil {
		config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	config.Components.SecuritySchemes[schemeToken] = &huma.SecurityScheme{
		Type: "http", Scheme: "bearer",
		Description: "A token that an owner made; or the admin token: PENSTOCK_ADMIN_TOKEN, or the one that `penstock serve` printed at its first start.",
	}
	config.Components.SecuritySchemes[schemeSession] = &huma.SecurityScheme{
		Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "What POST /api/session sets.",
	}
	routes := &operations{gate: g}
	routes.Adapter = humago.NewAdapter(routes, "")
	return huma.NewAPI(config, routes)
}

// operations registers the operations of an API with a gate.
type operations struct {
	huma.Adapter

	gate *Gate
	role Role // of the operation that is being registered
}

// Handle registers an operation.
func (o *operations) Handle(op *huma.Operation, handler func(huma.Context)) {
	needed, ok := NeededBy(op)
	if !ok {
		panic(fmt.Sprintf("access: operation %s %s does not say which role it needs; give it to access.Allow", strings.ToUpper(op.Method), op.Path))
	}
	o.role = needed
	o.Adapter.Handle(op, handler)
}

// HandleFunc is what the adapter registers an operation's route with.
func (o *operations) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	o.gate.Handle(pattern, o.role, http.HandlerFunc(handler))
}

// ServeHTTP answers as the gate does.
func (o *operations) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.gate.ServeHTTP(w, r) }
