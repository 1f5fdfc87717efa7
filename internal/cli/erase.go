package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"penstock/internal/admin"
)

type eraseCommand struct {
	client

	App     string   `required:"" placeholder:"SLUG" help:"App that received them."`
	Visitor []string `sep:"none" placeholder:"ID" help:"Visitor to erase; may be given more than once."`
	Account []string `sep:"none" placeholder:"ID" help:"Account to erase, with all that was done for it; may be given more than once."`
	Source  []string `placeholder:"SLUG" help:"Source whose events are to be looked through as well; may be given more than once."`
	Wait    bool     `default:"true" negatable:"" help:"Wait until it is done. The persons show in no answer before that."`
	JSON    bool     `help:"Print the server's answer as it is."`
}

// askAgain is how long the command waits before it asks again whether an erasure is done.
const askAgain = 500 * time.Millisecond

func (c *eraseCommand) Run(ctx context.Context, sys *System) error {
	body, err := json.Marshal(map[string][]string{"visitors": orNone(c.Visitor), "accounts": orNone(c.Account), "sources": orNone(c.Source)})
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	path := "/api/apps/" + url.PathEscape(c.App) + "/erasures"
	job, raw, err := data[admin.Erasure](ctx, &c.client, request{method: http.MethodPost, path: path, body: append(body, '\n'), json: true})
	if err != nil {
		return err
	}
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for c.Wait && job.State != "done" {
		select {
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if job, raw, err = data[admin.Erasure](ctx, &c.client, request{method: http.MethodGet, path: path + "/" + url.PathEscape(job.ID)}); err != nil {
			return err
		}
	}
	p := printer{sys.Stdout}
	switch {
	case c.JSON:
		p.line("%s", raw)
	case job.State == "done":
		p.line("erased: %d lines in %d frames of the log were rewritten (erasure %s)", job.Lines, job.Frames, job.ID)
	default:
		p.line("begun: the persons show in no answer any more, and the log is being rewritten; `curl -H 'Authorization: Bearer ...' %s%s/%s` tells when that is done", c.Server, path, job.ID)
	}
	return nil
}

func orNone(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}
