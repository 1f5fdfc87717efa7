package cli

import (
	"context"
	"net/http"

	"penstock/internal/admin"
)

type secretsCommands struct {
	Show   secretsShowCommand   `cmd:"" help:"Print with which key secrets are encrypted, and how many there are."`
	Rotate secretsRotateCommand `cmd:"" help:"Encrypt all secrets with a new key. Not for a key from PENSTOCK_SECRET_KEY, which its operator changes."`
}

type secretsShowCommand struct{ client }

func (c *secretsShowCommand) Run(ctx context.Context, sys *System) error {
	return c.secrets(ctx, sys, request{method: http.MethodGet, path: "/api/secrets"})
}

type secretsRotateCommand struct{ client }

func (c *secretsRotateCommand) Run(ctx context.Context, sys *System) error {
	return c.secrets(ctx, sys, request{method: http.MethodPost, path: "/api/secrets/rotate"})
}

func (c *client) secrets(ctx context.Context, sys *System, r request) error {
	state, _, err := data[admin.SecretState](ctx, c, r)
	if err != nil {
		return err
	}
	from := "the data folder"
	if state.From != "file" {
		from = "PENSTOCK_SECRET_KEY"
	}
	printer{sys.Stdout}.line("%d secrets, encrypted with the key %s of %s", state.Secrets, state.Key, from)
	return nil
}
