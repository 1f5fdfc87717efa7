package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"penstock/internal/workspace"
)

type applyCommand struct {
	client

	File   string `short:"f" required:"" placeholder:"FILE" help:"Workspace file; - reads standard input. References like $${NAME} are taken from the environment."`
	Prune  bool   `help:"Remove what the file does not name."`
	DryRun bool   `help:"Say what would change, and change nothing."`
	JSON   bool   `help:"Print the server's answer as it is."`
}

func (c *applyCommand) Run(ctx context.Context, sys *System) error {
	text, err := sys.read(c.File)
	if err != nil {
		return fmt.Errorf("read workspace file: %w", err)
	}
	file, err := workspace.Parse(text)
	if err != nil {
		return err
	}
	if file, err = file.Expand(os.LookupEnv); err != nil {
		return err
	}
	body, err := file.YAML()
	if err != nil {
		return err
	}
	return c.apply(ctx, sys, body, applyMode{prune: c.Prune, dryRun: c.DryRun, json: c.JSON})
}

// applyMode is how a workspace file is applied, and how that is shown.
type applyMode struct{ prune, dryRun, json bool }

// apply applies a workspace file and prints what that came to.
func (c *client) apply(ctx context.Context, sys *System, body []byte, mode applyMode) error {
	r := request{method: http.MethodPut, path: "/api/workspace", query: url.Values{}, body: body}
	if mode.prune {
		r.query.Set("prune", "true")
	}
	if mode.dryRun {
		r.query.Set("dryRun", "true")
	}
	plan, raw, err := data[workspace.Plan](ctx, c, r)
	if err != nil {
		return err
	}
	p := printer{sys.Stdout}
	if mode.json {
		p.line("%s", raw)
		return nil
	}
	verb, sum := past, "changed"
	if mode.dryRun {
		verb, sum = would, "would change"
	}
	for _, change := range plan.Changes {
		p.line("%s %s %s", verb(change.Op), change.Kind, change.Name)
	}
	for _, w := range plan.Warnings {
		p.line("warning: %s: %s", w.Mapping, w)
	}
	p.line("%d %s, %d unchanged", len(plan.Changes), sum, plan.Unchanged)
	return nil
}

func past(op workspace.Op) string { return string(op) + "d" }

func would(op workspace.Op) string { return "would " + string(op) }

// read reads a file, or standard input.
func (s *System) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(s.Stdin, workspace.FileBytesMax+1))
	}
	return os.ReadFile(name) //nolint:gosec // the user names the file
}
