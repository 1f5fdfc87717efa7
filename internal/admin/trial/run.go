package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"penstock/internal/admin/journey"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/workspace"
)

const (
	sendTimeout  = destination.ExchangeTimeout + 5*time.Second
	landedWait   = 60 * time.Second // until the receiver's tables have followed: long only on a busy machine
	landedPoll   = 100 * time.Millisecond
	ownReceivers = "/data/"
)

// Log is what trials read of the log.
type Log interface {
	journey.Log
	Last(stream eventlog.Stream) uint64
}

// Receiver knows what this server's own receiver made of a request.
type Receiver interface {
	LandedRequest(ctx context.Context, webhookID string) ([]journey.Landing, error)
}

// Parts is what trials are made of.
type Parts struct {
	Snapshot  func() *workspace.Snapshot
	Catalog   workspace.Catalog
	Finder    journey.Finder
	Log       Log
	Receiver  Receiver
	Client    *http.Client // refuses what deliveries may not call
	PublicURL string       // scheme://host of this server
}

// Tester runs trials.
type Tester struct{ parts Parts }

// New makes a Tester.
func New(parts Parts) *Tester { return &Tester{parts: parts} }

// Run carries an order out. The error is an *UnknownError when the order cannot be understood; whatever else goes wrong with the mapping or its destination
// is part of the result.
func (t *Tester) Run(ctx context.Context, o *Order) (*Result, error) {
	s, err := t.subject(o)
	if err != nil {
		return nil, err
	}
	m, refusal := destination.CompileLoosely(s.destination, s.spec, s.settings)
	if errors.Is(refusal, destination.ErrNoAction) {
		return nil, unknown("%s", refusal.Error())
	}
	matches := func([]byte) bool { return true }
	if refusal == nil {
		matches = m.Match
	}
	at, err := t.event(ctx, o, s.source, matches)
	if err != nil {
		return nil, err
	}
	r := &Result{OK: true, Steps: []Step{}, Warnings: []destination.Warning{}, Event: at.event, Position: at.position}
	if refusal != nil {
		r.refused(refusal)
		return r, nil
	}
	r.Warnings = append(r.Warnings, m.Warnings()...)
	return r, t.take(ctx, m, r, o)
}

// take takes the event through the mapping, as far as it comes.
func (t *Tester) take(ctx context.Context, m *destination.Mapping, r *Result, o *Order) error {
	if !r.filter(m, o.Force) || !r.match(m, o.Force) {
		return nil
	}
	event := compacted(r.Event)
	payload, err := m.Resolve(event)
	if err != nil {
		r.unresolved(err)
		return nil
	}
	r.Payload = payload.Shown()
	r.step(StepMapping, true, outputResolved, "")
	r.step(StepPayload, true, outputValidated, "")
	id := "test_" + workspace.NewID()
	requests, err := m.Prepare(id, payload)
	if err != nil {
		r.step(StepRequest, false, err.Error(), "mend the mapping")
		return nil
	}
	if len(requests) > 0 {
		shown := m.Shown(&requests[0])
		r.Request = &Request{Method: shown.Method, URL: shown.URL, Headers: shown.Headers, Body: string(shown.Body)}
		r.step(StepRequest, true, shown.Method+" "+shown.URL, fmt.Sprintf("%d bytes", len(shown.Body)))
	}
	if !o.Send {
		return nil
	}
	t.send(ctx, m, r, outgoing{id: id, payload: payload})
	if r.OK && r.Request != nil && strings.HasPrefix(r.Request.URL, t.parts.PublicURL+ownReceivers) {
		return t.landed(ctx, r, id)
	}
	return nil
}

// filter asks the filters of the destination, and tells whether to go on.
func (r *Result) filter(m *destination.Mapping, force bool) bool {
	event := compacted(r.Event)
	if trimmed := m.Trimmed(event); !bytes.Equal(trimmed, event) {
		r.Trimmed = trimmed
	}
	switch dropped := m.Dropped(event); {
	case dropped != nil && force:
		r.Forced = true
		r.Steps = append(r.Steps, Step{Name: StepFilters, OK: false, Output: outputDropped, Detail: dropped.Reason + "; it goes on because that was asked for"})
	case dropped != nil:
		r.step(StepFilters, false, outputDropped, dropped.Reason)
		return false
	case r.Trimmed != nil:
		r.step(StepFilters, true, fmt.Sprintf("%d bytes taken out", len(event)-len(r.Trimmed)), "")
	}
	return true
}

// match asks the trigger, and tells whether to go on.
func (r *Result) match(m *destination.Mapping, force bool) bool {
	why := m.Explain(r.Event)
	r.Trigger = &why
	switch {
	case why.Matched:
		r.step(StepTrigger, true, "subscribed", why.Text)
	case force:
		r.Forced = true
		r.Steps = append(r.Steps, Step{Name: StepTrigger, OK: false, Output: outputNotSubscribed, Detail: why.Text + "; it goes on because that was asked for"})
	default:
		r.step(StepTrigger, false, outputNotSubscribed, why.Text)
	}
	return why.Matched || force
}

// unresolved notes why the event has no payload.
func (r *Result) unresolved(err error) {
	wrong, ok := errors.AsType[*destination.PayloadError](err)
	if !ok || wrong.Code == destination.CodeMapping {
		r.step(StepMapping, false, err.Error(), "the event is rejected: mend the mapping, or give it a value for such events")
		return
	}
	r.step(StepMapping, true, outputResolved, "")
	for _, f := range wrong.Fields {
		r.Problems = append(r.Problems, Problem{Path: f.Path, Message: f.Message})
	}
	r.step(StepPayload, false, wrong.Message, "the event is rejected: mend the fields of the mapping")
}

// outgoing is what is sent.
type outgoing struct {
	id      string
	payload destination.Payload
}

func (t *Tester) send(ctx context.Context, m *destination.Mapping, r *Result, out outgoing) {
	limited, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	result := m.Perform(limited, t.parts.Client, out.id, out.payload)
	r.Answer = &Answer{Class: result.Class, Code: result.Code, Reason: result.Reason}
	output := result.Reason
	if e := result.Exchange; e != nil {
		r.Answer.Body, r.Answer.Took = e.Answer, e.Took
		if e.Status != 0 {
			r.Answer.Status = strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
		}
	}
	if result.Class == destination.ClassDelivered {
		output = outputExecuted
	}
	r.step(StepAnswer, result.Class == destination.ClassDelivered, output, r.Answer.Status)
}

// landed waits until the receiver knows what became of the request.
func (t *Tester) landed(ctx context.Context, r *Result, id string) error {
	ctx, cancel := context.WithTimeout(ctx, landedWait)
	defer cancel()
	poll := time.NewTicker(landedPoll)
	defer poll.Stop()
	for {
		landed, err := t.parts.Receiver.LandedRequest(ctx, id)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("find what landed: %w", err)
		}
		if len(landed) > 0 {
			r.Landed = landed
			r.step(StepLanded, true, describe(&landed[0]), "")
			return nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			r.step(StepLanded, true, "the receiver took it, and has not yet shown what became of it", "ask for the visitor in a moment")
			return nil
		}
	}
}

func describe(l *journey.Landing) string {
	who := func(what, id string) string {
		if id == "" {
			return "no " + what
		}
		return what + " " + id
	}
	return "app " + l.App + ": " + who("visitor", l.Visitor) + ", " + who("account", l.Account)
}

// compacted is the event without the white space of who typed it, as delivery has it.
func compacted(event json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, event) != nil {
		return event
	}
	return b.Bytes()
}
