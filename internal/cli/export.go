package cli

import (
	"context"
	"net/http"
	"net/url"
)

type exportCommand struct {
	client

	JSON bool `help:"Print JSON instead of YAML."`
}

func (c *exportCommand) Run(ctx context.Context, sys *System) error {
	r := request{method: http.MethodGet, path: "/api/workspace"}
	if c.JSON {
		r.query = url.Values{"format": {"json"}}
	}
	body, err := c.ask(ctx, r)
	if err != nil {
		return err
	}
	if c.JSON {
		body = append(body, '\n')
	}
	_, err = sys.Stdout.Write(body)
	return err
}
