package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"penstock/internal/admin"
)

type auditCommand struct {
	client

	Actor  string        `help:"Name or id of who did it."`
	Action string        `help:"create, update, delete, sign-in, sign-in-failed, sign-out or rotate."`
	Kind   string        `help:"Of what it was done to, as in destination, mapping, user, token, session."`
	Name   string        `help:"Name, slug, e-mail address or id of what it was done to."`
	Since  time.Duration `placeholder:"24h" help:"Only what was done within this time."`
	Count  int           `short:"n" default:"50" help:"At most so many."`
	JSON   bool          `help:"Print each as a line of JSON, with what was before and after."`
}

// auditPage is an answer of GET /api/audit.
type auditPage struct {
	Data []json.RawMessage `json:"data"`
	Next string            `json:"next"`
}

func (c *auditCommand) Run(ctx context.Context, sys *System) error {
	const pageMax = 1000
	query := url.Values{}
	for name, value := range map[string]string{"actor": c.Actor, "action": c.Action, "kind": c.Kind, "name": c.Name} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Since != 0 {
		query.Set("since", time.Now().Add(-c.Since).UTC().Format(time.RFC3339))
	}
	var found []json.RawMessage
	for len(found) < c.Count {
		query.Set("limit", strconv.Itoa(min(c.Count-len(found), pageMax)))
		raw, err := c.ask(ctx, request{method: http.MethodGet, path: "/api/audit", query: query})
		if err != nil {
			return err
		}
		var page auditPage
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		found = append(found, page.Data...)
		if page.Next == "" {
			break
		}
		query.Set("before", page.Next)
	}
	slices.Reverse(found)
	p := printer{sys.Stdout}
	for _, entry := range found {
		if c.JSON {
			p.line("%s", entry)
			continue
		}
		var e admin.AuditEntry
		if err := json.Unmarshal(entry, &e); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		p.audit(&e)
	}
	return nil
}

func (p printer) audit(e *admin.AuditEntry) {
	who := "nobody"
	if e.Actor != nil {
		who = string(e.Actor.Kind) + " " + e.Actor.Name
	}
	if e.Address != "" {
		who += " from " + e.Address
	}
	text := fmt.Sprintf("%s  %s %s %s, by %s", e.At.UTC().Format(time.RFC3339), e.Action, e.Kind, cmp.Or(e.Name, e.ID), who)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Void != "" {
		text += "; it was not done: " + e.Void
	}
	p.line("%s", text)
}
