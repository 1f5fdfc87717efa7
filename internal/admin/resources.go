package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/workspace"
)

// changing describes an operation that changes the workspace; an editor may.
func changing(method, id, path, summary, description string) huma.Operation {
	op := huma.Operation{
		OperationID: id, Summary: summary, Description: description,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}
	switch method {
	case http.MethodPost:
		op.DefaultStatus = http.StatusCreated
	case http.MethodDelete:
		op.DefaultStatus = http.StatusNoContent
	}
	return operation(method, path, access.Editor, op)
}

// changed is the answer to a change: the resource as it is now, and what in it is valid and probably does other than was meant.
type changed[T any] struct {
	Body struct {
		Data     T                       `json:"data" nullable:"false"`
		Warnings []workspace.PlanWarning `json:"warnings" nullable:"false"`
	}
}

// Seen is the revision that a caller has seen.
type Seen struct {
	IfMatch string `header:"If-Match" doc:"The revision that the caller has seen; when the resource has another one, nothing is changed" maxLength:"30"`
}

// check tells whether the caller has seen the newest revision, or does not care.
func (m *Seen) check(revision uint64) error {
	seen := strings.Trim(m.IfMatch, `"`)
	if seen == "" || seen == "*" || seen == strconv.FormatUint(revision, 10) {
		return nil
	}
	return huma.Error412PreconditionFailed(workspace.ErrStale.Error())
}

// edit changes the workspace. A client that goes away does not leave half of it behind.
func (a *api) edit(ctx context.Context, operation string, edit func(*workspace.Edit) error) (*workspace.Plan, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	plan, err := a.Workspace.Edit(ctx, edit)
	if err != nil {
		return nil, a.editError(ctx, operation, err)
	}
	return plan, nil
}

func (a *api) editError(ctx context.Context, operation string, err error) error {
	if status, ok := errors.AsType[huma.StatusError](err); ok {
		return status
	}
	if errors.Is(err, workspace.ErrConflict) {
		return huma.Error409Conflict("somebody else keeps changing the workspace; try again")
	}
	invalid, ok := errors.AsType[*workspace.InvalidError](err)
	if !ok {
		return a.fault(ctx, operation, err)
	}
	details := make([]error, 0, len(invalid.Problems))
	for _, p := range invalid.Problems {
		details = append(details, &huma.ErrorDetail{Message: p.Message, Location: strings.TrimSuffix("body."+p.Path, ".")})
	}
	return huma.Error422UnprocessableEntity("it is not valid; nothing was changed", details...)
}

// gone is the answer when a resource that was just changed is no longer there.
func gone() error { return huma.Error404NotFound("it has been deleted meanwhile") }

// set puts a value that was given into place.
func set[T any](place, given *T) {
	if given != nil {
		*place = *given
	}
}

// given puts what is given in its place; what says nothing takes away what stood there.
func given[T comparable](place **T, value *T) {
	var nothing T
	switch {
	case value == nil:
	case *value == nothing:
		*place = nil
	default:
		*place = value
	}
}
