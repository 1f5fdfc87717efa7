package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/workspace"
)

// Erasures take persons out of the log and of everything that is made of it.
type Erasures interface {
	// Begin returns once the persons show in no answer any more and the erasure cannot be forgotten. Its errors may be ErrErasure and ErrErasuresBusy.
	Begin(ctx context.Context, r ErasureRequest) (Erasure, error)
	// Get tells how far one is; false when there is none of that id.
	Get(id string) (Erasure, bool)
	// List lists those of an app (id), the newest first.
	List(app string) []Erasure
}

// What Begin may answer.
var (
	// ErrErasure is a request that cannot be carried out; the error says why.
	ErrErasure = errors.New("cannot erase")
	// ErrErasuresBusy means that too many are not done yet.
	ErrErasuresBusy = errors.New("too many erasures are not done yet; come again")
)

// ErasureRequest says who is to be erased. App and Sources are ids.
type ErasureRequest struct {
	App                string
	Sources            []string
	Visitors, Accounts []string
}

// Erasure is a work that takes persons out of the log. It does not say who they are: once it is done, nobody knows.
type Erasure struct {
	ID      string     `json:"id"`
	App     string     `json:"app" doc:"Slug"`
	Sources []string   `json:"sources" nullable:"false" doc:"Slugs of the sources whose events are looked through as well"`
	State   string     `json:"state" enum:"running,done"`
	Persons int        `json:"persons" doc:"How many visitors and accounts"`
	Lines   int        `json:"lines" doc:"Lines of the log that were rewritten since the last start of the server"`
	Frames  int        `json:"frames" doc:"Frames that they were in"`
	Begun   time.Time  `json:"begun"`
	Ended   *time.Time `json:"ended,omitempty"`
}

func (a *api) erasureRoutes(h huma.API) {
	op := changing(http.MethodPost, "create-erasure", "/api/apps/{app}/erasures", "Erase visitors and accounts of an app",
		"They show in no answer from then on. Then everything that the app received of them is taken out of the log, and, where sources are given, the events that came in for those, with what "+
			"was answered to them; GET tells when it is done. A batch that holds others as well stays, without their events. What is delivered elsewhere stays there.")
	op.DefaultStatus = http.StatusOK
	op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	huma.Register(h, access.Allow(op, access.Owner), a.createErasure)
	huma.Register(h, get("list-erasures", "/api/apps/{app}/erasures", "List the erasures of an app", "The newest first."), a.erasures)
	op = get("get-erasure", "/api/apps/{app}/erasures/{id}", "Show how far an erasure is", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.erasure)
}

type createErasureInput struct {
	App  string `path:"app" doc:"Slug of the app" maxLength:"64"`
	Body struct {
		Visitors []string `json:"visitors,omitempty" doc:"Visitor IDs, anonymous ones as they are shown; with the accounts, at most 500" maxItems:"500"`
		Accounts []string `json:"accounts,omitempty" doc:"Account IDs; all that was done for them goes" maxItems:"500"`
		Sources  []string `json:"sources,omitempty" doc:"Slugs of sources whose events are to be looked through as well" maxItems:"100"`
	}
}

func (a *api) createErasure(ctx context.Context, in *createErasureInput) (*data[Erasure], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	r := ErasureRequest{App: app.ID, Visitors: in.Body.Visitors, Accounts: in.Body.Accounts}
	for _, slug := range in.Body.Sources {
		source, err := a.source(slug)
		if err != nil {
			return nil, err
		}
		r.Sources = append(r.Sources, source.ID)
	}
	job, err := a.Erasures.Begin(context.WithoutCancel(ctx), r) // who goes away has asked for it
	switch {
	case errors.Is(err, ErrErasure):
		return nil, huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, ErrErasuresBusy):
		return nil, huma.Error503ServiceUnavailable(err.Error())
	case err != nil:
		return nil, a.fault(ctx, "create-erasure", err)
	}
	return answer(named(a.Workspace.Snapshot(), app, job)), nil
}

// named gives the app and the sources of an erasure their slugs.
func named(now *workspace.Snapshot, app *workspace.App, job Erasure) Erasure {
	job.App = app.Slug
	sources := make([]string, 0, len(job.Sources))
	for _, id := range job.Sources {
		if known := now.Source(id); known != nil {
			id = known.Slug
		}
		sources = append(sources, id)
	}
	job.Sources = sources
	return job
}

func (a *api) erasures(_ context.Context, in *AppInput) (*data[[]Erasure], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	out := []Erasure{}
	for _, job := range a.Erasures.List(app.ID) {
		out = append(out, named(a.Workspace.Snapshot(), app, job))
	}
	return answer(out), nil
}

type erasureInput struct {
	App string `path:"app" doc:"Slug of the app" maxLength:"64"`
	ID  string `path:"id" maxLength:"64"`
}

func (a *api) erasure(_ context.Context, in *erasureInput) (*data[Erasure], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	job, ok := a.Erasures.Get(in.ID)
	if !ok || job.App != app.ID {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no erasure %q of the app %s; GET /api/apps/%s/erasures lists them", in.ID, in.App, in.App))
	}
	return answer(named(a.Workspace.Snapshot(), app, job)), nil
}
