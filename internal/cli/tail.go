package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"penstock/internal/admin"
)

type tailCommand struct {
	client

	Source   string `help:"Slug of a source. Default: all, and the requests that belong to none."`
	From     string `default:"now" help:"start, now, a sequence of the log, or a position, as in 12.3."`
	Follow   bool   `default:"true" negatable:"" help:"Wait for more at the end of the log."`
	Last     int    `help:"Begin with so many of the last that are there."`
	Text     string `help:"Show only what holds this text, as it is written in the JSON."`
	Type     string `help:"Show only events of this type."`
	Event    string `help:"Show only events of this name."`
	User     string `help:"Show only events of this userId or anonymousId."`
	Channel  string `help:"Show only events of this channel: client (browsers), server or mobile (phones)."`
	Rejected bool   `help:"Show only what was not taken."`
	Form     string `default:"normalized" enum:"normalized,raw" help:"normalized: events as destinations get them; raw: as the client sent them."`
	Count    int    `short:"n" help:"End after so many. Default: never."`
	JSON     bool   `help:"Print each message as a line of JSON, with its position and an event, or what was rejected or lost."`
}

func (c *tailCommand) Run(ctx context.Context, sys *System) error {
	query := url.Values{"from": {c.From}, "follow": {strconv.FormatBool(c.Follow)}}
	for name, value := range map[string]string{"source": c.Source, "text": c.Text, "type": c.Type, "event": c.Event, "user": c.User, "channel": c.Channel} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Form != "normalized" {
		query.Set("form", c.Form)
	}
	if c.Rejected {
		query.Set("rejected", "true")
	}
	if c.Last > 0 {
		query.Set("last", strconv.Itoa(c.Last))
	}
	res, err := c.open(ctx, request{method: http.MethodGet, path: "/api/tail", query: query})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	p := printer{sys.Stdout}
	stream := bufio.NewReader(res.Body)
	for n := 0; c.Count == 0 || n < c.Count; n++ {
		kind, data, err := nextMessage(stream)
		switch {
		case errors.Is(err, io.EOF) && !c.Follow:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("the server ended the tail: %w", err)
		}
		if c.JSON {
			p.line("%s", data)
			continue
		}
		if err := p.message(kind, data); err != nil {
			return fmt.Errorf("read message: %w", err)
		}
	}
	return nil
}

// nextMessage reads one message of a stream of server-sent events; comments are passed over.
func nextMessage(stream *bufio.Reader) (kind string, data []byte, err error) {
	for {
		line, err := stream.ReadBytes('\n')
		if err != nil {
			return "", nil, err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "event":
			kind = string(value)
		case "data":
			data = value
		}
		if len(line) == 0 && data != nil {
			return kind, data, nil
		}
	}
}

func (p printer) message(kind string, data []byte) error {
	switch kind {
	case "event":
		return p.event(data)
	case "rejected":
		var r admin.Rejected
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		what, more := r.Rejected, ""
		if what.Count > 0 {
			more = fmt.Sprintf(" (and %d more like it)", what.Count)
		}
		if what.Index != nil {
			more = fmt.Sprintf(" (event %d of its batch)", *what.Index) + more
		}
		p.line("%-8s %s  %-12s NOT TAKEN  %s %s: %s: %s%s", r.Position, r.ReceivedAt, cmp.Or(r.Source, "?"), what.Method, what.Path, what.Code, what.Message, more)
	case "removed":
		var r admin.Removed
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		p.line("%-8d %-12s OLDER THAN WHAT IS KEPT  %d lines of the log have been removed", r.Position.Seq, r.Source, r.Removed)
	case "lost":
		var l admin.Lost
		if err := json.Unmarshal(data, &l); err != nil {
			return err
		}
		p.line("%-8d %-12s LOST  %d lines of the log cannot be read", l.Position.Seq, l.Source, l.Lost)
	}
	return nil
}

func (p printer) event(data []byte) error {
	var e struct {
		admin.Event

		Shown struct {
			Type        any `json:"type"`
			Event       any `json:"event"`
			Name        any `json:"name"`
			UserID      any `json:"userId"`
			AnonymousID any `json:"anonymousId"`
			MessageID   any `json:"messageId"`
		} `json:"-"`
	}
	if err := json.Unmarshal(data, &e.Event); err != nil {
		return err
	}
	if err := json.Unmarshal(e.Event.Event, &e.Shown); err != nil {
		return err
	}
	who := "user " + text(e.Shown.UserID)
	if e.Shown.UserID == nil {
		who = "anonymous " + text(e.Shown.AnonymousID)
	}
	what := []string{text(e.Shown.Type)}
	if name := cmp.Or(text(e.Shown.Event), text(e.Shown.Name)); name != "" {
		what = append(what, strconv.Quote(name))
	}
	if e.DuplicateOf != nil {
		who += ", duplicate of " + e.DuplicateOf.String()
	}
	p.line("%-8s %s  %-12s %s  %s  %s  %s: %s", e.Position, e.ReceivedAt, e.Source, strings.Join(what, " "), who, text(e.Shown.MessageID), e.Origin.Channel, e.Origin.Call)
	return nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
