package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"penstock/internal/admin"
)

type userCommands struct {
	List   userListCommand   `cmd:"" help:"List the users."`
	Create userCreateCommand `cmd:"" help:"Make a user, and print the link with which that user chooses a password."`
	Change userChangeCommand `cmd:"" help:"Change a user's role, name or e-mail address."`
	Invite userInviteCommand `cmd:"" help:"Print a further link for a user, who has not come yet or has forgotten the password."`
	Delete userDeleteCommand `cmd:"" help:"Remove a user."`
}

type userListCommand struct {
	client

	JSON bool `help:"Print the server's answer as it is."`
}

func (c *userListCommand) Run(ctx context.Context, sys *System) error {
	users, raw, err := data[[]admin.User](ctx, &c.client, request{method: http.MethodGet, path: "/api/users"})
	if err != nil {
		return err
	}
	if c.JSON {
		printer{sys.Stdout}.line("%s", raw)
		return nil
	}
	rows := [][]string{{"e-mail", "name", "role", "state", "created", "last sign-in"}}
	for _, u := range users {
		rows = append(rows, []string{u.Email, u.Name, string(u.Role), u.State, day(&u.CreatedAt, ""), day(u.LastSignInAt, "never")})
	}
	return table(sys.Stdout, rows)
}

type userCreateCommand struct {
	client

	Email string `arg:"" help:"E-mail address, which the user signs in with."`
	Name  string `required:"" help:"Name of the user."`
	Role  string `default:"viewer" enum:"viewer,editor,owner" help:"viewer, editor or owner."`
}

func (c *userCreateCommand) Run(ctx context.Context, sys *System) error {
	made, _, err := post[admin.CreatedUser](ctx, &c.client, http.MethodPost, "/api/users", map[string]string{"email": c.Email, "name": c.Name, "role": c.Role})
	if err != nil {
		return err
	}
	p := printer{sys.Stdout}
	p.line("created user %s, %s", made.User.Email, made.User.Role)
	p.invite(made.Invite)
	return nil
}

func (p printer) invite(i *admin.Invite) {
	if i != nil {
		p.line("%s", i.Link)
		p.line("the link works once, until %s", day(&i.ExpiresAt, ""))
	}
}

// pickUser is a user of a server, by e-mail address.
type pickUser struct {
	client

	Email string `arg:"" help:"E-mail address of the user."`
}

// path is that of the user in the control API.
func (c *pickUser) path(ctx context.Context) (string, error) {
	users, _, err := data[[]admin.User](ctx, &c.client, request{method: http.MethodGet, path: "/api/users"})
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if u.Email == c.Email || u.ID == c.Email {
			return "/api/users/" + url.PathEscape(u.ID), nil
		}
	}
	return "", fmt.Errorf("there is no user %q; `penstock user list` lists them", c.Email)
}

type userChangeCommand struct {
	pickUser

	Role     string `enum:",viewer,editor,owner" default:"" help:"viewer, editor or owner. Another role ends the user's sessions."`
	Name     string `help:"Name of the user."`
	NewEmail string `help:"Another e-mail address."`
}

func (c *userChangeCommand) Run(ctx context.Context, sys *System) error {
	path, err := c.path(ctx)
	if err != nil {
		return err
	}
	change := map[string]string{}
	for name, value := range map[string]string{"role": c.Role, "name": c.Name, "email": c.NewEmail} {
		if value != "" {
			change[name] = value
		}
	}
	u, _, err := post[admin.User](ctx, &c.client, http.MethodPatch, path, change)
	if err != nil {
		return err
	}
	printer{sys.Stdout}.line("user %s is %s, %s", u.Email, u.Name, u.Role)
	return nil
}

type userInviteCommand struct{ pickUser }

func (c *userInviteCommand) Run(ctx context.Context, sys *System) error {
	path, err := c.path(ctx)
	if err != nil {
		return err
	}
	link, _, err := data[admin.Invite](ctx, &c.client, request{method: http.MethodPost, path: path + "/invite"})
	if err != nil {
		return err
	}
	printer{sys.Stdout}.invite(&link)
	return nil
}

type userDeleteCommand struct{ pickUser }

func (c *userDeleteCommand) Run(ctx context.Context, sys *System) error {
	path, err := c.path(ctx)
	if err != nil {
		return err
	}
	if _, err := c.ask(ctx, request{method: http.MethodDelete, path: path}); err != nil {
		return err
	}
	printer{sys.Stdout}.line("deleted user %s", c.Email)
	return nil
}
