package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"penstock/internal/admin/journey"
	"penstock/internal/record"
)

type whereCommand struct {
	client

	MessageID string `arg:"" name:"message-id" help:"The event's messageId."`
	JSON      bool   `help:"Print the server's answer as it is."`
}

func (c *whereCommand) Run(ctx context.Context, sys *System) error {
	j, raw, err := data[journey.Journey](ctx, &c.client, request{method: http.MethodGet, path: "/api/events/" + url.PathEscape(c.MessageID)})
	if err != nil {
		return err
	}
	p := printer{sys.Stdout}
	if c.JSON {
		p.line("%s", raw)
		return nil
	}
	p.line("messageId   %s", j.MessageID)
	for i := range j.Arrivals {
		p.arrival(&j.Arrivals[i])
	}
	for i := range j.Landed {
		p.landing(&j.Landed[i])
	}
	return nil
}

// timeLayout is that of Segment's timestamps.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func (p printer) arrival(a *journey.Arrival) {
	p.line("")
	received := []string{"source " + a.Source, cmp.Or(a.ReceivedAt, a.StoredAt.Format(timeLayout)), "position " + a.Position.String()}
	received = append(received, "SDK "+cmp.Or(a.Library, "not known"))
	if a.Channel != "" {
		received = append(received, "channel "+a.Channel)
	}
	p.line("received    %s", strings.Join(received, ", "))
	if a.DuplicateOf != nil {
		p.line("duplicate   of %s, which came first", a.DuplicateOf)
	}
	if a.NotKept != "" {
		p.line("not kept    %s", a.NotKept)
		return
	}
	p.line("normalised  %s", a.Event)
	for i := range a.Mappings {
		p.delivery(&a.Mappings[i])
	}
	if len(a.Mappings) == 0 {
		p.line("mapping     none: the source has no destination")
	}
}

func (p printer) delivery(d *journey.Delivery) {
	p.line("mapping     %s / %s: %s", d.Destination, d.Mapping, d.State)
	if d.Filter != "" {
		p.line("  filter    %s", d.Filter)
	}
	if d.Trigger != "" {
		p.line("  trigger   %s", d.Trigger)
	}
	if d.Payload != nil {
		p.line("  mapped    %s", d.Payload)
	}
	if d.Problem != "" {
		p.line("  problem   %s", d.Problem)
	}
	for i := range d.Outcomes {
		p.outcome(&d.Outcomes[i])
	}
	if d.Partial {
		p.line("  ...       the outcomes since are so many that only the first part was read")
	}
}

func (p printer) outcome(o *journey.Outcome) {
	if e := o.Exchange; e != nil {
		p.line("  request   %s %s, %d bytes, webhook-id %s", e.Method, e.URL, e.Bytes, e.ID)
		p.line("  answer    %s", answerText(e))
	}
	text := []string{o.At.Format(timeLayout)}
	for _, part := range []string{o.Code, o.Reason} {
		if part != "" {
			text = append(text, part)
		}
	}
	if o.Of != nil {
		text = append(text, "of "+o.Of.String())
	}
	if o.Due != nil {
		text = append(text, "again at "+o.Due.Format(timeLayout))
	}
	p.line("  %-9s %s", o.Status, strings.Join(text, ", "))
}

func answerText(e *record.Exchange) string {
	took := time.Duration(e.Took * int64(time.Millisecond)).String()
	if e.Status == 0 {
		return "none, after " + took
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s after %s %s", e.Status, http.StatusText(e.Status), took, e.Answer))
}

func (p printer) landing(l *journey.Landing) {
	p.line("")
	p.line("landed      app %s: visitor %s, account %s", l.App, cmp.Or(l.Visitor, "none"), cmp.Or(l.Account, "none"))
	for _, v := range l.Verdicts {
		p.line("  verdict   %s: %s", v.Code, v.Message)
	}
}
