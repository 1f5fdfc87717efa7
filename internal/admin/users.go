package admin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/accounts"
)

func (a *api) userRoutes(h huma.API) {
	owner := func(method, path, id, summary, description string, errors ...int) huma.Operation {
		op := huma.Operation{OperationID: id, Summary: summary, Description: description, Errors: errors}
		if method == http.MethodDelete {
			op.DefaultStatus = http.StatusNoContent
		}
		return operation(method, path, access.Owner, op)
	}
	const notFound, conflict, invalid = http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity
	huma.Register(h, owner(http.MethodGet, "/api/users", "list-users", "List the users", ""), a.users)
	huma.Register(h, owner(http.MethodPost, "/api/users", "create-user", "Make a user",
		"Without a password, the answer has a one-time link, which is shown only then: whoever opens it chooses one.", conflict, invalid), a.createUser)
	huma.Register(h, owner(http.MethodGet, "/api/users/{id}", "get-user", "Show a user", "", notFound), a.user)
	huma.Register(h, owner(http.MethodPatch, "/api/users/{id}", "change-user", "Change a user",
		"Name, e-mail address or role. Another role ends the user's sessions. The last owner stays one.", notFound, conflict, invalid), a.changeUser)
	huma.Register(h, owner(http.MethodDelete, "/api/users/{id}", "delete-user", "Remove a user", "Ends the user's sessions. The last owner stays.", notFound, conflict), a.deleteUser)
	huma.Register(h, owner(http.MethodPost, "/api/users/{id}/invite", "invite-user", "Make a one-time link for a user",
		"For one who has not come yet, or has forgotten the password. The link before it does not work any more.", notFound, conflict), a.inviteUser)
}

// User is a user as it is shown.
type User struct {
	ID           string      `json:"id"`
	Email        string      `json:"email"`
	Name         string      `json:"name"`
	Role         access.Role `json:"role" enum:"viewer,editor,owner"`
	CreatedAt    time.Time   `json:"createdAt"`
	LastSignInAt *time.Time  `json:"lastSignInAt,omitempty"`
	State        string      `json:"state" enum:"active,invited" doc:"invited: has not chosen a password yet"`
}

func shownUser(u *accounts.User) User {
	out := User{ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, CreatedAt: u.CreatedAt, LastSignInAt: u.LastSignInAt, State: "active"}
	if u.Password == "" {
		out.State = "invited"
	}
	return out
}

// Invite is a one-time link. It is shown once.
type Invite struct {
	Link      string    `json:"link" doc:"To be opened in a browser"`
	Token     string    `json:"token" doc:"What POST /api/invites/accept takes"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// shownInvite is a link as it is shown; it leads to the server as others reach it.
func (a *api) shownInvite(l *accounts.Link) *Invite {
	if l == nil {
		return nil
	}
	return &Invite{Link: strings.TrimSuffix(a.Server.URL(), "/") + "/invite#token=" + l.Token, Token: l.Token, ExpiresAt: l.ExpiresAt}
}

func (a *api) users(context.Context, *struct{}) (*data[[]User], error) {
	out := []User{}
	for _, u := range a.Accounts.Users() {
		out = append(out, shownUser(u))
	}
	return answer(out), nil
}

type createUserInput struct {
	Body struct {
		Email    string      `json:"email" maxLength:"254"`
		Name     string      `json:"name" maxLength:"800"`
		Role     access.Role `json:"role" enum:"viewer,editor,owner"`
		Password string      `json:"password,omitempty" format:"password" maxLength:"1024" doc:"12 characters at least, 256 bytes at most; without it, the user is invited by a link"`
	}
}

// CreatedUser is a user that was made, and the link for one without a password.
type CreatedUser struct {
	User   User    `json:"user"`
	Invite *Invite `json:"invite,omitempty"`
}

func (a *api) createUser(ctx context.Context, in *createUserInput) (*data[CreatedUser], error) {
	u, link, err := a.Accounts.CreateUser(ctx, accounts.NewUser{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role, Password: in.Body.Password})
	if err != nil {
		return nil, a.accountError(ctx, "create-user", err)
	}
	return answer(CreatedUser{User: shownUser(u), Invite: a.shownInvite(link)}), nil
}

// IDInput names a user or a token.
type IDInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *api) user(ctx context.Context, in *IDInput) (*data[User], error) {
	u, err := a.Accounts.User(in.ID)
	if err != nil {
		return nil, a.accountError(ctx, "get-user", err)
	}
	return answer(shownUser(u)), nil
}

type changeUserInput struct {
	IDInput

	Body struct {
		Email *string      `json:"email,omitempty" maxLength:"254"`
		Name  *string      `json:"name,omitempty" maxLength:"800"`
		Role  *access.Role `json:"role,omitempty" enum:"viewer,editor,owner"`
	}
}

func (a *api) changeUser(ctx context.Context, in *changeUserInput) (*data[User], error) {
	u, err := a.Accounts.ChangeUser(ctx, in.ID, accounts.UserChange{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role})
	if err != nil {
		return nil, a.accountError(ctx, "change-user", err)
	}
	return answer(shownUser(u)), nil
}

func (a *api) deleteUser(ctx context.Context, in *IDInput) (*struct{}, error) {
	if err := a.Accounts.DeleteUser(ctx, in.ID); err != nil {
		return nil, a.accountError(ctx, "delete-user", err)
	}
	return &struct{}{}, nil
}

func (a *api) inviteUser(ctx context.Context, in *IDInput) (*data[*Invite], error) {
	link, err := a.Accounts.Invite(ctx, in.ID)
	if err != nil {
		return nil, a.accountError(ctx, "invite-user", err)
	}
	return answer(a.shownInvite(link)), nil
}
