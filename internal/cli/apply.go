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

	File  string `short:"f" required:"" placeholder:"FILE" help:"Workspace file; - reads standard input. References like $${NAME} are taken from the environment."`
	Prune bool   `help:"Remove what the file does not name."`
	JSON  bool   `help:"Print the server's answer as it is."`
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
	r := request{method: http.MethodPut, path: "/api/workspace", body: body}
	if c.Prune {
		r.query = url.Values{"prune": {"true"}}
	}
	plan, raw, err := data[workspace.Plan](ctx, &c.client, r)
	if err != nil {
		return err
	}
	p := printer{sys.Stdout}
	if c.JSON {
		p.line("%s", raw)
		return nil
	}
	for _, change := range plan.Changes {
		p.line("%s %s %s", past(change.Op), change.Kind, change.Name)
	}
	p.line("%d changed, %d unchanged", len(plan.Changes), plan.Unchanged)
	return nil
}

func past(op workspace.Op) string { return string(op) + "d" }

// read reads a file, or standard input.
func (s *System) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(s.Stdin, workspace.FileBytesMax+1))
	}
	return os.ReadFile(name) //nolint:gosec // the user names the file
}
