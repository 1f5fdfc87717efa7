package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"penstock/internal/admin"
	"penstock/internal/workspace"
)

type applyCommand struct {
	client

	File   string `short:"f" required:"" placeholder:"FILE" help:"Workspace file; - reads standard input. References like $${NAME} are taken from the environment."`
	Prune  bool   `help:"Remove what the file does not name."`
	DryRun bool   `xor:"mode" help:"Say what would change, and what that would mean for events; change nothing."`
	Check  bool   `xor:"mode" help:"As --dry-run; the exit code is 2 when the server is not as the file says."`
	Yes    bool   `short:"y" xor:"mode" help:"Do not ask before anything is changed. Only in a terminal is asked."`
	JSON   bool   `help:"Print the server's answer as it is, and do not ask."`
}

// errDiffers ends the command with an exit code of its own; what differs has been printed.
var errDiffers = errors.New("the server is not as the file says")

// errDeclined ends the command when the answer was no.
var errDeclined = errors.New("nothing was changed")

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
	mode := applyMode{prune: c.Prune, dryRun: c.DryRun || c.Check, json: c.JSON}
	if sys.Interactive && c.File != "-" && !c.Yes && !c.JSON && !mode.dryRun {
		if err := c.confirm(ctx, sys, body, mode); err != nil {
			return err
		}
	}
	changes, err := c.apply(ctx, sys, body, mode)
	if err == nil && c.Check && changes > 0 {
		return errDiffers
	}
	return err
}

// confirm shows the plan, and asks whether to go on. Where there is nothing to change, it does not ask.
func (c *applyCommand) confirm(ctx context.Context, sys *System, body []byte, mode applyMode) error {
	mode.dryRun = true
	changes, err := c.apply(ctx, sys, body, mode)
	if err != nil || changes == 0 {
		return err
	}
	_, _ = fmt.Fprint(sys.Stdout, "Apply this? [y/N] ")
	answer, err := bufio.NewReader(io.LimitReader(sys.Stdin, 100)).ReadString('\n') //nolint:mnd // longer than any answer
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// applyMode is how a workspace file is applied, and how that is shown.
type applyMode struct{ prune, dryRun, json bool }

// apply applies a workspace file, prints what that came to, and returns how many changes that are.
func (c *client) apply(ctx context.Context, sys *System, body []byte, mode applyMode) (changes int, err error) {
	r := request{method: http.MethodPut, path: "/api/workspace", query: url.Values{}, body: body}
	if mode.prune {
		r.query.Set("prune", "true")
	}
	if mode.dryRun {
		r.query.Set("dryRun", "true")
	}
	plan, raw, err := data[admin.Plan](ctx, c, r)
	if err != nil {
		return 0, err
	}
	p := printer{sys.Stdout}
	if mode.json {
		p.line("%s", raw)
	} else {
		p.plan(&plan, mode.dryRun)
	}
	return len(plan.Changes), nil
}

// plan prints what would change, or has changed.
func (p printer) plan(plan *admin.Plan, dry bool) {
	verb, sum := past, "changed"
	if dry {
		verb, sum = would, "would change"
	}
	for i := range plan.Changes {
		change := &plan.Changes[i]
		p.line("%s %s %s", verb(change.Op), change.Kind, change.Name)
		if dry {
			p.fields(change)
		}
	}
	for i := range plan.Impact {
		p.line("impact: %s%s", plan.Impact[i].Text, partially(plan.Impact[i].Partial))
	}
	for _, w := range plan.Warnings {
		p.line("warning: %s: %s", w.Mapping, w)
	}
	p.line("%d %s, %d unchanged", len(plan.Changes), sum, plan.Unchanged)
}

func partially(partial bool) string {
	if partial {
		return " (more are on the log than could be looked at)"
	}
	return ""
}

// fields prints what is made or changed of a resource, field by field.
func (p printer) fields(change *workspace.Change) {
	for _, f := range change.Fields {
		switch {
		case f.Before == nil:
			p.line("  + %s: %s", f.Path, f.After)
		case f.After == nil:
			p.line("  - %s: %s", f.Path, f.Before)
		default:
			p.line("  ~ %s: %s -> %s", f.Path, f.Before, f.After)
		}
	}
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
