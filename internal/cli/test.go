package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"penstock/internal/admin/trial"
)

type testCommand struct {
	client

	Destination string `required:"" placeholder:"SLUG" help:"Destination that the mapping belongs to."`
	Mapping     string `placeholder:"NAME" help:"Mapping of the destination; not needed when it has one."`
	Event       string `placeholder:"FILE" xor:"event" help:"Event as JSON; - reads standard input. Without it, the newest event of the source that matches is taken."`
	MessageID   string `name:"message-id" placeholder:"ID" xor:"event" help:"Event that was received."`
	Send        bool   `help:"Send the request; otherwise it is only shown."`
	Force       bool   `help:"Go on when the trigger does not match."`
	JSON        bool   `help:"Print the server's answer as it is."`
}

// errTestFailed ends the command with an exit code; what failed has been printed.
var errTestFailed = errors.New("the test event did not come through")

func (c *testCommand) Run(ctx context.Context, sys *System) error {
	order := trial.Order{Destination: c.Destination, Mapping: c.Mapping, MessageID: c.MessageID, Send: c.Send, Force: c.Force}
	if c.Event != "" {
		text, err := sys.read(c.Event)
		if err != nil {
			return fmt.Errorf("read event: %w", err)
		}
		if order.Event = bytes.TrimSpace(text); !json.Valid(order.Event) {
			return fmt.Errorf("read event: %s does not hold JSON", c.Event)
		}
	}
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	result, raw, err := data[trial.Result](ctx, &c.client, request{method: http.MethodPost, path: "/api/mappings/test", body: append(body, '\n'), json: true})
	if err != nil {
		return err
	}
	p := printer{sys.Stdout}
	if c.JSON {
		p.line("%s", raw)
	} else {
		p.trial(&result, c.Send)
	}
	if !result.OK {
		return errTestFailed
	}
	return nil
}

func (p printer) trial(r *trial.Result, sent bool) {
	from := "as given"
	if r.Position != nil {
		from = "position " + r.Position.String()
	}
	p.line("event       %s: %s", from, oneLine(r.Event))
	for _, w := range r.Warnings {
		p.line("warning     %s, %s: %s; %s", w.Part, w.At, w.Read, w.Instead)
	}
	for _, s := range r.Steps {
		mark := "ok"
		if !s.OK {
			mark = "no"
		}
		text := []string{s.Output}
		if s.Detail != "" {
			text = append(text, s.Detail)
		}
		p.line("%-11s %s  %s", s.Name, mark, strings.Join(text, "; "))
		p.stepDetails(r, s.Name)
	}
	if !sent && r.OK {
		p.line("nothing was sent; --send sends it")
	}
}

// stepDetails prints what belongs to a step beside its sentence.
func (p printer) stepDetails(r *trial.Result, step trial.StepName) {
	switch {
	case step == trial.StepPayload && r.Payload != nil:
		p.line("  payload   %s", oneLine(r.Payload))
	case step == trial.StepPayload:
		for _, problem := range r.Problems {
			p.line("  %s  %s", problem.Path, problem.Message)
		}
	case step == trial.StepRequest && r.Request != nil:
		for _, h := range r.Request.Headers {
			p.line("  %s: %s", h[0], h[1])
		}
		p.line("  body      %s", r.Request.Body)
	case step == trial.StepAnswer && r.Answer != nil:
		p.line("  class     %s, after %d ms", r.Answer.Class, r.Answer.Took)
		if r.Answer.Body != "" {
			p.line("  body      %s", r.Answer.Body)
		}
	case step == trial.StepLanded:
		for _, l := range r.Landed {
			for _, v := range l.Verdicts {
				p.line("  verdict   %s: %s", v.Code, v.Message)
			}
		}
	}
}

func oneLine(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
