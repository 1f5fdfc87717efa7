package trial

import (
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/admin/journey"
	"penstock/internal/destination"
	"penstock/internal/filter"
	"penstock/internal/record"
	"penstock/internal/trigger"
)

// Order says what is to be tried. The mapping is one of the workspace, or inline; the event is given, named, or else the newest of the source that matches.
type Order struct {
	Destination string          `json:"destination,omitempty" doc:"Slug of a destination of the workspace"`
	Mapping     string          `json:"mapping,omitempty" doc:"Name of a mapping of that destination; not needed when it has one"`
	Inline      *Inline         `json:"inline,omitempty" doc:"A mapping that need not be saved; with a destination it has the settings, the filters and the source of that"`
	Source      string          `json:"source,omitempty" doc:"Slug of the source whose events are looked through; that of the destination when there is one"`
	Event       json.RawMessage `json:"event,omitempty" doc:"The event, as destinations get it"`
	MessageID   string          `json:"messageId,omitempty" maxLength:"1024" doc:"An event that was received"`
	Send        bool            `json:"send,omitempty" doc:"Send the request; default: only show it"`
	Force       bool            `json:"force,omitempty" doc:"Go on when the trigger does not match"`
}

// Inline is a mapping that need not be saved.
type Inline struct {
	Type     string          `json:"type,omitempty" doc:"Of the destination, as in actions-webhook; not needed where a destination is given"`
	Settings json.RawMessage `json:"settings,omitempty"`
	Action   string          `json:"action"`
	Trigger  string          `json:"trigger"`
	Fields   json.RawMessage `json:"fields,omitempty"`
	Filters  []filter.Rule   `json:"filters,omitempty" doc:"Of the destination"`
}

// Result is the way of the event through the mapping, as far as it came.
type Result struct {
	OK       bool                  `json:"ok" doc:"Every step was taken, and the destination took the event if it was sent"`
	Steps    []Step                `json:"steps" nullable:"false"`
	Event    json.RawMessage       `json:"event"`
	Position *record.Position      `json:"position,omitempty" doc:"Where the event lies on the log; absent: it was given"`
	Trimmed  json.RawMessage       `json:"trimmed,omitempty" doc:"What the filters of the destination leave of the event, where that is less: what trigger and fields see"`
	Trigger  *trigger.Explanation  `json:"trigger,omitempty"`
	Forced   bool                  `json:"forced,omitempty" doc:"A filter dropped it, or the trigger did not match, and it went on all the same"`
	Warnings []destination.Warning `json:"warnings" nullable:"false" doc:"What in the mapping is easily misread"`
	Payload  json.RawMessage       `json:"payload,omitempty" doc:"What the fields resolve to, validated"`
	Problems []Problem             `json:"problems,omitempty" doc:"What is wrong with which field"`
	Request  *Request              `json:"request,omitempty" doc:"The exact request, secrets masked"`
	Answer   *Answer               `json:"answer,omitempty"`
	Landed   []journey.Landing     `json:"landed,omitempty" doc:"What the event became at this server's own receiver"`
}

// Step is one step. Output is what Segment's framework says of it, where it says something.
type Step struct {
	Name   StepName `json:"name"`
	OK     bool     `json:"ok"`
	Output string   `json:"output"`
	Detail string   `json:"detail,omitempty"`
}

// StepName names a step.
type StepName string

// The steps, in their order.
const (
	StepSettings StepName = "settings" // only when they are not valid
	StepFilters  StepName = "filters"  // only when they drop the event, or take something out of it
	StepTrigger  StepName = "trigger"
	StepMapping  StepName = "mapping"
	StepPayload  StepName = "payload"
	StepRequest  StepName = "request"
	StepAnswer   StepName = "answer"
	StepLanded   StepName = "landed"
)

// What Segment's framework says of steps.
const (
	outputDropped       = "FILTERED_BY_RULES"
	outputNotSubscribed = "not subscribed"
	outputResolved      = "Mappings resolved"
	outputValidated     = "Payload validated"
	outputExecuted      = "Action Executed"
)

// Problem is what is wrong with a field of the payload.
type Problem struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Request is an HTTP request that would be, or was, sent.
type Request struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers" nullable:"false" doc:"Names and values in the order of the wire"`
	Body    string      `json:"body,omitempty"`
}

// Answer is what came of sending.
type Answer struct {
	Status string            `json:"status" doc:"200 OK; empty: no answer came"`
	Body   string            `json:"body,omitempty" doc:"The beginning of it"`
	Took   int64             `json:"took" doc:"Milliseconds"`
	Class  destination.Class `json:"class" doc:"What it means for an event that is delivered: delivered, retry, rejected, unavailable"`
	Code   string            `json:"code,omitempty"`
	Reason string            `json:"reason,omitempty"`
}

// UnknownError says that what is to be tried is not there, or not said.
type UnknownError struct{ message string }

// Error says what is not there, and what to do.
func (e *UnknownError) Error() string { return e.message }

func unknown(format string, args ...any) error {
	return &UnknownError{fmt.Sprintf(format, args...)}
}

// step notes a step; the result is OK as long as all steps are.
func (r *Result) step(name StepName, ok bool, output, detail string) {
	r.Steps = append(r.Steps, Step{Name: name, OK: ok, Output: output, Detail: detail})
	r.OK = ok && r.OK
}

// refused notes why a mapping cannot be used at all, step by step.
func (r *Result) refused(err error) {
	if wrong, ok := errors.AsType[*trigger.Error](err); ok {
		r.step(StepTrigger, false, "Invalid subscription : "+wrong.SegmentMessage(), wrong.Error())
		return
	}
	if wrong, ok := errors.AsType[*destination.PayloadError](err); ok {
		r.step(StepSettings, false, wrong.Message, "mend the settings of the destination")
		return
	}
	r.step(StepMapping, false, err.Error(), "mend the mapping")
}
