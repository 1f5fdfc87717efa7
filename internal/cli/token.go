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

type tokenCommands struct {
	List   tokenListCommand   `cmd:"" help:"List the tokens."`
	Create tokenCreateCommand `cmd:"" help:"Make a token, and print it, this once."`
	Revoke tokenRevokeCommand `cmd:"" help:"Revoke a token."`
}

type tokenListCommand struct {
	client

	JSON bool `help:"Print the server's answer as it is."`
}

func (c *tokenListCommand) Run(ctx context.Context, sys *System) error {
	tokens, raw, err := data[[]admin.Token](ctx, &c.client, request{method: http.MethodGet, path: "/api/tokens"})
	if err != nil {
		return err
	}
	if c.JSON {
		printer{sys.Stdout}.line("%s", raw)
		return nil
	}
	rows := [][]string{{"id", "name", "role", "created", "expires", "last used"}}
	for _, t := range tokens {
		rows = append(rows, []string{t.ID, t.Name, string(t.Role), day(&t.CreatedAt, ""), day(t.ExpiresAt, "never"), day(t.LastUsedAt, "never")})
	}
	return table(sys.Stdout, rows)
}

// day is a time for people.
func day(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.UTC().Format("2006-01-02 15:04")
}

type tokenCreateCommand struct {
	client

	Name    string        `arg:"" help:"What the token is for."`
	Role    string        `default:"viewer" enum:"viewer,editor,owner" help:"viewer, editor or owner."`
	Expires time.Duration `placeholder:"720h" help:"How long it is valid. Default: for good."`
}

func (c *tokenCreateCommand) Run(ctx context.Context, sys *System) error {
	order := map[string]any{"name": c.Name, "role": c.Role}
	if c.Expires != 0 {
		order["expiresAt"] = time.Now().Add(c.Expires).UTC().Format(time.RFC3339)
	}
	made, _, err := post[admin.CreatedToken](ctx, &c.client, http.MethodPost, "/api/tokens", order)
	if err != nil {
		return err
	}
	printer{sys.Stdout}.line("%s", made.Secret)
	return nil
}

type tokenRevokeCommand struct {
	client

	Token string `arg:"" help:"Id or name of the token, as list shows it."`
}

func (c *tokenRevokeCommand) Run(ctx context.Context, sys *System) error {
	tokens, _, err := data[[]admin.Token](ctx, &c.client, request{method: http.MethodGet, path: "/api/tokens"})
	if err != nil {
		return err
	}
	id := ""
	for _, t := range tokens {
		switch {
		case t.ID == c.Token:
			id = t.ID
		case t.Name == c.Token && id == "":
			id = t.ID
		case t.Name == c.Token:
			return fmt.Errorf("several tokens are called %q; give the id of one, as `penstock token list` shows it", c.Token)
		}
	}
	if id == "" {
		return fmt.Errorf("there is no token %q; `penstock token list` lists them", c.Token)
	}
	if _, err := c.ask(ctx, request{method: http.MethodDelete, path: "/api/tokens/" + url.PathEscape(id)}); err != nil {
		return err
	}
	printer{sys.Stdout}.line("revoked token %s", c.Token)
	return nil
}

// post sends JSON, and returns what is under "data" in the answer.
func post[T any](ctx context.Context, c *client, method, path string, body any) (v T, raw []byte, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return v, nil, err
	}
	return data[T](ctx, c, request{method: method, path: path, body: append(text, '\n'), json: true})
}
