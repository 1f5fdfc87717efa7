package publicapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"penstock/internal/access"
	"penstock/internal/destination"
	"penstock/internal/forwarded"
	"penstock/internal/workspace"
)

// Prefix is where the API is mounted.
const Prefix = "/public-api"

// changeTimeout bounds how long the log and the bucket may take for one change.
const changeTimeout = 60 * time.Second

// Config is what an operator may set.
type Config struct {
	Proxies   forwarded.Proxies // that stand in front of this server
	PublicURL string            // under which others reach this server; empty: not known
}

// Workspace is the configuration; workspace.Store is one.
type Workspace interface {
	Snapshot() *workspace.Snapshot
	Edit(ctx context.Context, edit func(*workspace.Edit) error) (*workspace.Plan, error)
}

// Parts is what the API answers from.
type Parts struct {
	Access    access.Authenticator
	Workspace Workspace
	// Destinations are all that the catalog has.
	Destinations []destination.Destination
	Journal      Journal
	Audit        Audit
	Logger       *slog.Logger
}

// api is the handlers' receiver.
type api struct {
	Parts
	catalog catalog
}

// call is a request as handlers see it.
type call struct {
	*http.Request
	params params
	body   body
}

// result is a successful answer: what stands under data, by name.
type result map[string]any

// success is what stands under data where there is nothing else to say.
func success() result { return result{"status": "SUCCESS"} }

// handler answers a call; its error is a *fault, or one that the server is to blame for.
type handler func(*api, *call) (result, error)

// route is one of the API.
type route struct {
	method, path string
	needs        access.Role
	status       int
	handler      handler
}

// reads, changes and makes are the routes by what they do: read; change, answered 200; make, answered 201.
func reads(path string, h handler) route {
	return route{http.MethodGet, path, access.Viewer, http.StatusOK, h}
}

func changes(method, path string, h handler) route {
	return route{method, path, access.Editor, http.StatusOK, h}
}

func makes(path string, h handler) route {
	return route{http.MethodPost, path, access.Editor, http.StatusCreated, h}
}

// New makes the API. It answers under Prefix.
func New(cfg Config, parts Parts) *access.Gate {
	a := &api{Parts: parts, catalog: newCatalog(parts.Destinations)}
	gate := access.NewGate(access.Config{Authenticator: parts.Access, Refuse: refuse, Proxies: cfg.Proxies, PublicURL: cfg.PublicURL})
	for _, r := range routes() {
		h := a.serve(r)
		gate.Handle(r.method+" "+Prefix+r.path, r.needs, h)
		if r.path != "" { // a slash at the end is as good as none
			gate.Handle(r.method+" "+Prefix+r.path+"/{$}", r.needs, h)
		}
	}
	gate.Handle("GET "+Prefix+"/{$}", access.Viewer, a.serve(reads("", (*api).workspace)))
	gate.Handle(Prefix+"/", access.Viewer, http.HandlerFunc(a.elsewhere))
	return gate
}

// routes lists what there is.
func routes() []route {
	all := []route{reads("", (*api).workspace), reads("/echo", (*api).echo)}
	for _, some := range [][]route{catalogRoutes(), sourceRoutes(), destinationRoutes(), subscriptionRoutes(), filterRoutes(), labelRoutes(), volumeRoutes(), auditRoutes()} {
		all = append(all, some...)
	}
	return all
}

// serve answers with what a handler comes to.
func (a *api) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c, err := newCall(w, req)
		if err == nil {
			var out result
			if out, err = r.handler(a, c); err == nil {
				write(w, r.status, map[string]any{"data": out})
				return
			}
		}
		a.fail(req.Context(), w, r.method+" "+r.path, err)
	})
}

// edit changes the workspace. A client that goes away does not leave half of it behind.
func (a *api) edit(c *call, edit func(*workspace.Edit) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), changeTimeout)
	defer cancel()
	_, err := a.Workspace.Edit(ctx, edit)
	return err
}

// workspaceID is the id that clients know the workspace by.
func workspaceID() string { return workspace.StableID("workspace " + workspace.Default) }

func (a *api) workspace(*call) (result, error) {
	return result{"workspace": map[string]any{"id": workspaceID(), "slug": workspace.Default, "name": "Default"}}, nil
}

// echo answers with what it was sent, so that a client can try its own side.
func (a *api) echo(c *call) (result, error) {
	message := c.params.text("message")
	switch {
	case message == "":
		return nil, required("message")
	case c.params.text("triggerError") == "true", c.params.text("triggerMultipleErrors") == "true", c.params.text("triggerUnexpectedError") == "true":
		return nil, &fault{status: http.StatusBadRequest, kind: "RequestError", message: message}
	}
	headers := map[string]string{}
	for _, name := range []string{"Accept", "Content-Type", "User-Agent"} {
		if v := c.Header.Get(name); v != "" {
			headers[name] = v
		}
	}
	return result{"method": c.Method, "message": message, "headers": headers}, nil
}
