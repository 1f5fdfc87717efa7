package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/record"
)

// Trail finds what was done; audit.Trail is one.
type Trail interface {
	Find(ctx context.Context, f audit.Filter) ([]audit.Found, record.Position, error)
}

func (a *api) auditRoute(h huma.API) {
	huma.Register(h, operation(http.MethodGet, "/api/audit", access.Owner, huma.Operation{
		OperationID: "list-audit", Summary: "List who changed what",
		Description: "The newest first: each change of the configuration, of users and of tokens, whichever way it came, and each sign-in, with what was before and after, without secrets. " +
			"Kept for 90 days. When there is more, `next` is what to give as before; a page may then hold fewer than limit.",
		Errors: []int{http.StatusUnprocessableEntity},
	}), a.audit)
}

type auditInput struct {
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Before string    `query:"before" doc:"Position, as in 12.0: only what is older" maxLength:"64"`
	Actor  string    `query:"actor" doc:"Name or id of who did it" maxLength:"1024"`
	Action string    `query:"action" enum:"create,update,delete,sign-in,sign-in-failed,sign-out,rotate"`
	Kind   string    `query:"kind" doc:"Of what it was done to, as in destination, mapping, user, token, session" maxLength:"64"`
	Name   string    `query:"name" doc:"Name, slug, e-mail address or id of what it was done to" maxLength:"1024"`
	Since  time.Time `query:"since" doc:"RFC 3339"`
	Until  time.Time `query:"until" doc:"RFC 3339; what was done at this moment is not in it"`
}

// AuditEntry is one thing that somebody did.
type AuditEntry struct {
	Position record.Position   `json:"position"`
	At       time.Time         `json:"at"`
	Action   string            `json:"action"`
	Kind     string            `json:"kind" doc:"Of what it was done to"`
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name,omitempty" doc:"Slug of a source, destination or app, name of a mapping or token, e-mail address of a user"`
	Actor    *access.Principal `json:"actor,omitempty" doc:"Missing: nobody that is known, as in a failed sign-in"`
	Address  string            `json:"address,omitempty"`
	Agent    string            `json:"agent,omitempty"`
	Before   json.RawMessage   `json:"before,omitempty" doc:"What it was, without secrets"`
	After    json.RawMessage   `json:"after,omitempty" doc:"What it is since, without secrets"`
	TooLarge bool              `json:"tooLarge,omitempty" doc:"Before or after was larger than is kept, and is left out"`
	Detail   string            `json:"detail,omitempty"`
	Void     string            `json:"void,omitempty" doc:"Why it was not done after all"`
}

type auditOutput struct {
	Body struct {
		Data []AuditEntry `json:"data" nullable:"false"`
		Next string       `json:"next,omitempty" doc:"What to give as before; missing: there is no more"`
	}
}

func (a *api) audit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	filter := audit.Filter{Actor: in.Actor, Action: in.Action, Kind: in.Kind, Name: in.Name, Since: in.Since, Until: in.Until, Limit: in.Limit}
	if in.Before != "" {
		p, err := record.ParsePosition(in.Before)
		if err != nil {
			return nil, huma.Error422UnprocessableEntity(err.Error())
		}
		filter.Before = p
	}
	found, next, err := a.Trail.Find(ctx, filter)
	if err != nil {
		return nil, a.fault(ctx, "list-audit", err)
	}
	out := &auditOutput{}
	out.Body.Data = []AuditEntry{}
	for i := range found {
		out.Body.Data = append(out.Body.Data, shownAudit(&found[i]))
	}
	if next.Seq > 0 {
		out.Body.Next = next.String()
	}
	return out, nil
}

func shownAudit(f *audit.Found) AuditEntry {
	e := AuditEntry{
		Position: f.Position, At: time.UnixMilli(f.At).UTC(), Action: f.Action, Kind: f.Kind, ID: f.ID, Name: f.Name, Address: f.Remote, Agent: f.Agent,
		Before: f.Before, After: f.After, TooLarge: f.TooLarge, Detail: f.Detail, Void: f.Void,
	}
	if who := f.Actor; who != nil {
		e.Actor = &access.Principal{Kind: access.Kind(who.Kind), ID: who.ID, Name: who.Name, Role: access.Role(who.Role)}
	}
	return e
}
