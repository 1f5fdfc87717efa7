package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/destination"
	"penstock/internal/trigger"
	"penstock/internal/workspace"
)

func (a *api) catalogRoutes(h huma.API) {
	op := get("list-catalog", "/api/catalog", "List what events can be delivered to",
		"The definition of each destination: its settings, its actions with their fields, and its presets with what they ask for.")
	huma.Register(h, op, a.catalog)

	op = operation(http.MethodPost, "/api/catalog/{type}/presets/{preset}", access.Viewer, huma.Operation{
		OperationID: "fill-preset", Summary: "Make a destination of a preset",
		Description: "A complete destination with its mapping, ready for a workspace file. Nothing is changed: PUT /api/workspace applies it.",
	})
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.preset)

	op = operation(http.MethodPost, "/api/triggers/read", access.Viewer, huma.Operation{
		OperationID: "read-trigger", Summary: "Read a trigger",
		Description: "How the text of a trigger is read: its canonical form, what in it is easily misread, and its groups of conditions; or, for groups of conditions, their text.",
	})
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.readTrigger)
}

func (a *api) catalog(context.Context, *struct{}) (*data[[]*destination.Definition], error) {
	out := []*destination.Definition{}
	for _, d := range a.Destinations {
		out = append(out, d.Definition())
	}
	return answer(out), nil
}

type presetInput struct {
	Type   string `path:"type" doc:"Type of the destination, as in actions-webhook" maxLength:"64"`
	Preset string `path:"preset" doc:"Slug of the preset" maxLength:"64"`
	Body   struct {
		Source string            `json:"source" doc:"Slug of the source whose events are delivered" maxLength:"64"`
		Slug   string            `json:"slug,omitempty" doc:"Of the destination; default: the preset's" maxLength:"64"`
		Name   string            `json:"name,omitempty" doc:"Of the destination and its mapping; default: the preset's" maxLength:"200"`
		Inputs map[string]string `json:"inputs,omitempty" doc:"What the preset asks for"`
	}
}

// FilledPreset is a destination made of a preset.
type FilledPreset struct {
	Destination workspace.FileDestination `json:"destination"`
	File        string                    `json:"file" doc:"The destination as a workspace file, which PUT /api/workspace takes"`
}

func (a *api) preset(ctx context.Context, in *presetInput) (*data[FilledPreset], error) {
	d, ok := a.Catalog.Lookup(in.Type)
	if !ok {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no type of destination %q; GET /api/catalog lists them", in.Type))
	}
	preset := d.Definition().Preset(in.Preset)
	if preset == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("%s has no preset %q; GET /api/catalog lists them", in.Type, in.Preset))
	}
	file, err := workspace.FromPreset(in.Type, preset, workspace.PresetOptions{Source: in.Body.Source, Slug: in.Body.Slug, Name: in.Body.Name, Inputs: in.Body.Inputs})
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	text, err := file.YAML()
	if err != nil {
		return nil, a.fault(ctx, "fill-preset", err)
	}
	return answer(FilledPreset{Destination: file.Destinations[0], File: string(text)}), nil
}

type readTriggerInput struct {
	Body struct {
		Text string        `json:"text,omitempty" doc:"The trigger as a text" maxLength:"100000"`
		Form *trigger.Form `json:"form,omitempty" doc:"The trigger as groups of conditions, instead of a text"`
	}
}

// TriggerReading is how a trigger is read.
type TriggerReading struct {
	Valid     bool             `json:"valid"`
	Error     *TriggerError    `json:"error,omitempty" doc:"Why it is not valid"`
	Text      string           `json:"text" doc:"As it was given, or as the groups of conditions are written"`
	Canonical string           `json:"canonical,omitempty" doc:"One spelling for all texts that mean the same"`
	Warnings  []TriggerWarning `json:"warnings" nullable:"false" doc:"What in it is easily misread"`
	Form      *trigger.Form    `json:"form,omitempty" doc:"As groups of conditions"`
	FormError *TriggerError    `json:"formError,omitempty" doc:"Why there are none"`
}

// TriggerWarning is a place of a trigger that is easily misread.
type TriggerWarning struct {
	Code    string `json:"code"`
	Pos     int    `json:"pos" doc:"In UTF-16 code units, from 0"`
	Read    string `json:"read" doc:"How it is read"`
	Instead string `json:"instead" doc:"How to write what was probably meant"`
}

// TriggerError is a mistake in a trigger.
type TriggerError struct {
	Pos      int    `json:"pos" doc:"In UTF-16 code units, from 0"`
	Message  string `json:"message"`
	Expected string `json:"expected" doc:"What could stand there"`
}

func (a *api) readTrigger(_ context.Context, in *readTriggerInput) (*data[TriggerReading], error) {
	out := TriggerReading{Text: in.Body.Text, Warnings: []TriggerWarning{}}
	if in.Body.Form != nil {
		if in.Body.Text != "" {
			return nil, huma.Error422UnprocessableEntity("give a text or a form, not both")
		}
		text, err := in.Body.Form.Text()
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("the form cannot be written: " + err.Error())
		}
		out.Text = text
	}
	t, err := trigger.Parse(out.Text)
	if err != nil {
		out.Error = triggerError(err)
		return answer(out), nil
	}
	out.Valid, out.Canonical = true, t.String()
	for _, w := range t.Warnings() {
		out.Warnings = append(out.Warnings, TriggerWarning(w))
	}
	if out.Form, err = t.Form(); err != nil {
		out.FormError = triggerError(err)
	}
	return answer(out), nil
}

func triggerError(err error) *TriggerError {
	if wrong, ok := errors.AsType[*trigger.Error](err); ok {
		return &TriggerError{Pos: wrong.Pos, Message: wrong.Message, Expected: wrong.Expected}
	}
	return &TriggerError{Message: err.Error()}
}
