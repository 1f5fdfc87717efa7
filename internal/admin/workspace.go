package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/admin/impact"
	"penstock/internal/workspace"
)

// applyTimeout bounds how long the log and the bucket may take for one file.
const applyTimeout = 60 * time.Second

func (a *api) workspaceRoutes(h huma.API) {
	op := get("export-workspace", "/api/workspace", "Export the workspace",
		"The workspace as the file that `penstock apply` takes, with secrets masked. Applied again, it changes nothing.")
	schema := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[workspace.File](), true, "WorkspaceFile")
	op.Responses = map[string]*huma.Response{"200": {Description: "The workspace", Content: map[string]*huma.MediaType{
		"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString}}, "application/json": {Schema: schema},
	}}}
	huma.Register(h, op, a.export)

	op = get("get-workspace-schema", "/api/workspace/schema", "The form of the workspace file", "As JSON Schema, for editors.")
	op.Responses = map[string]*huma.Response{"200": {Description: "JSON Schema", Content: map[string]*huma.MediaType{"application/schema+json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}}
	huma.Register(h, op, a.schema)

	op = operation(http.MethodPut, "/api/workspace", access.Editor, huma.Operation{OperationID: "apply-workspace", Summary: "Apply a workspace file", Description: "Makes the workspace equal to what the file names; the rest is left alone, unless prune is set. " +
		"References to variables must have been expanded, but for ${PENSTOCK_URL}. Nothing changes when anything in the file is wrong: each error's " +
		"location says where. What is valid, and probably does other than was meant, is in warnings."})
	op.MaxBodyBytes = workspace.FileBytesMax
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.apply)
}

func (a *api) schema(ctx context.Context, _ *struct{}) (*exportOutput, error) {
	body, err := WorkspaceSchema()
	if err != nil {
		return nil, a.fault(ctx, "get-workspace-schema", err)
	}
	return &exportOutput{ContentType: "application/schema+json", Body: body}, nil
}

type exportInput struct {
	Format string `query:"format" enum:"yaml,json" default:"yaml"`
}

type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *api) export(ctx context.Context, in *exportInput) (*exportOutput, error) {
	file := a.Workspace.Snapshot().Export(a.Catalog)
	out := &exportOutput{ContentType: "application/yaml"}
	var err error
	if in.Format == "json" {
		out.ContentType = "application/json"
		out.Body, err = file.JSON()
	} else {
		out.Body, err = file.YAML()
	}
	if err != nil {
		return nil, a.fault(ctx, "export-workspace", err)
	}
	return out, nil
}

type applyInput struct {
	Prune   bool   `query:"prune" doc:"Remove what the file does not name"`
	DryRun  bool   `query:"dryRun" doc:"Plan, tell the impact on events, and change nothing"`
	RawBody []byte `contentType:"application/yaml"`
}

// Plan is what a workspace file comes to.
type Plan struct {
	workspace.Plan

	Impact []impact.Impact `json:"impact,omitempty" doc:"Of a dry run: what the changes would mean for the newest events of each source"`
}

func (a *api) apply(ctx context.Context, in *applyInput) (*data[Plan], error) {
	file, err := workspace.Parse(in.RawBody)
	if err != nil {
		return nil, a.applyError(ctx, err)
	}
	// A client that goes away does not leave half of it behind.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	plan, err := a.Workspace.Apply(ctx, file, workspace.ApplyOptions{Prune: in.Prune, DryRun: in.DryRun})
	if err != nil {
		return nil, a.applyError(ctx, err)
	}
	out := Plan{Plan: *plan}
	if in.DryRun {
		if out.Impact, err = a.Impacts.Of(ctx, plan.Before, plan.After); err != nil {
			return nil, a.fault(ctx, "apply-workspace", err)
		}
	}
	return answer(out), nil
}

func (a *api) applyError(ctx context.Context, err error) error {
	if errors.Is(err, workspace.ErrConflict) {
		return huma.Error409Conflict("somebody else keeps changing the workspace; try again")
	}
	invalid, ok := errors.AsType[*workspace.InvalidError](err)
	if !ok {
		return a.fault(ctx, "apply-workspace", err)
	}
	details := make([]error, 0, len(invalid.Problems))
	for _, p := range invalid.Problems {
		location := p.Path
		if p.Line > 0 {
			location = fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Path)
		}
		details = append(details, &huma.ErrorDetail{Message: p.Message, Location: location})
	}
	return huma.Error422UnprocessableEntity("the workspace file is not valid; nothing was changed", details...)
}
