package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/accounts"
	"penstock/internal/workspace"
)

func (a *api) sessionRoutes(h huma.API) {
	huma.Register(h, operation(http.MethodGet, "/api/session", access.Anyone, huma.Operation{
		OperationID: "get-session", Summary: "Who am I?",
		Description: "Whom this request is from, and which role that has. It answers 200 also when that is nobody.",
	}), a.session)
	huma.Register(h, operation(http.MethodPost, "/api/session", access.Anyone, huma.Operation{
		OperationID: "sign-in", Summary: "Sign in",
		Description: "Sets the cookie of a session. 401 is the answer to a wrong password and to an unknown e-mail address alike; 429, with Retry-After, to too many tries.",
		Errors:      []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}), a.signIn)
	huma.Register(h, operation(http.MethodDelete, "/api/session", access.Anyone, huma.Operation{
		OperationID: "sign-out", Summary: "Sign out", Description: "Ends the session at once, and takes its cookie away.", DefaultStatus: http.StatusNoContent,
	}), a.signOut)
	huma.Register(h, operation(http.MethodPut, "/api/session/password", access.Viewer, huma.Operation{
		OperationID: "change-password", Summary: "Change my password", Description: "Ends all sessions of the user, and begins another one.",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}), a.changePassword)
	huma.Register(h, operation(http.MethodPost, "/api/setup", access.Anyone, huma.Operation{
		OperationID: "make-first-owner", Summary: "Make the first owner",
		Description: "With the token of the one-time link that `penstock serve` prints as long as there is no user. Signs in.",
		Errors:      []int{http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}), a.makeFirstOwner)
	huma.Register(h, operation(http.MethodPost, "/api/invites/accept", access.Anyone, huma.Operation{
		OperationID: "accept-invite", Summary: "Use a one-time link",
		Description: "Whoever was invited chooses a password; so does a user who has forgotten it. Signs in.",
		Errors:      []int{http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}), a.acceptInvite)
}

// Session is whom a request is from.
type Session struct {
	SignedIn  bool              `json:"signedIn"`
	Principal *access.Principal `json:"principal,omitempty" doc:"Missing: nobody"`
	Email     string            `json:"email,omitempty" doc:"Of a user"`
	ExpiresAt *time.Time        `json:"expiresAt,omitempty" doc:"When the session ends at the latest"`
	Setup     bool              `json:"setup" doc:"There is no user yet: the link that penstock serve has printed makes the first one"`
}

// cookieIn is the cookie of a request.
type cookieIn struct {
	Cookie string `cookie:"penstock_session" hidden:"true" maxLength:"200"`
}

func (a *api) session(ctx context.Context, in *cookieIn) (*data[Session], error) {
	out := Session{Setup: !a.Accounts.HasUsers()}
	if who, ok := access.Of(ctx); ok {
		out.SignedIn, out.Principal = true, &who
		if s, err := a.Accounts.Session(in.Cookie); err == nil && who.Kind == access.User {
			out.Email, out.ExpiresAt = s.User.Email, &s.ExpiresAt
		}
	}
	return answer(out), nil
}

// signedIn is an answer that sets a cookie.
type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Data Session `json:"data"`
	}
}

// cookie makes the cookie of a session; until the zero time takes it away.
func cookie(ctx context.Context, secret string, until time.Time) http.Cookie {
	c := http.Cookie{ //nolint:gosec // Secure where it is reached over TLS; a laptop has none
		Name: access.SessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: access.From(ctx).Secure, Expires: until,
	}
	if until.IsZero() {
		c.MaxAge = -1
	}
	return c
}

// begun answers with a session that has begun.
func (a *api) begun(ctx context.Context, secret string, s accounts.SignedIn) *signedIn {
	out := &signedIn{SetCookie: cookie(ctx, secret, s.ExpiresAt)}
	out.Body.Data = Session{
		SignedIn: true, Email: s.User.Email, ExpiresAt: &s.ExpiresAt,
		Principal: &access.Principal{Kind: access.User, ID: s.User.ID, Name: s.User.Name, Role: s.User.Role},
	}
	return out
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" format:"password" maxLength:"1024"`
	}
}

func (a *api) signIn(ctx context.Context, in *signInInput) (*signedIn, error) {
	secret, s, err := a.Accounts.SignIn(ctx, in.Body.Email, in.Body.Password)
	if err != nil {
		return nil, a.accountError(ctx, "sign-in", err)
	}
	return a.begun(ctx, secret, s), nil
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (a *api) signOut(ctx context.Context, in *cookieIn) (*signedOut, error) {
	if err := a.Accounts.SignOut(ctx, in.Cookie); err != nil {
		return nil, a.accountError(ctx, "sign-out", err)
	}
	return &signedOut{SetCookie: cookie(ctx, "", time.Time{})}, nil
}

type passwordInput struct {
	Body struct {
		Current  string `json:"current" format:"password" maxLength:"1024"`
		Password string `json:"password" format:"password" maxLength:"1024" doc:"12 characters at least, 256 bytes at most"`
	}
}

func (a *api) changePassword(ctx context.Context, in *passwordInput) (*signedIn, error) {
	secret, s, err := a.Accounts.ChangePassword(ctx, in.Body.Current, in.Body.Password)
	if err != nil {
		return nil, a.accountError(ctx, "change-password", err)
	}
	return a.begun(ctx, secret, s), nil
}

type setupInput struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"Behind #token= in the link"`
		Name     string `json:"name" maxLength:"800"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" format:"password" maxLength:"1024" doc:"12 characters at least, 256 bytes at most"`
	}
}

func (a *api) makeFirstOwner(ctx context.Context, in *setupInput) (*signedIn, error) {
	secret, s, err := a.Accounts.MakeFirstOwner(ctx, in.Body.Token, accounts.NewUser{Email: in.Body.Email, Name: in.Body.Name, Password: in.Body.Password})
	if err != nil {
		return nil, a.accountError(ctx, "make-first-owner", err)
	}
	return a.begun(ctx, secret, s), nil
}

type acceptInput struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"Behind #token= in the link"`
		Name     string `json:"name,omitempty" maxLength:"800" doc:"Default: as whoever made the link has it"`
		Password string `json:"password" format:"password" maxLength:"1024" doc:"12 characters at least, 256 bytes at most"`
	}
}

func (a *api) acceptInvite(ctx context.Context, in *acceptInput) (*signedIn, error) {
	secret, s, err := a.Accounts.Accept(ctx, in.Body.Token, in.Body.Name, in.Body.Password)
	if err != nil {
		return nil, a.accountError(ctx, "accept-invite", err)
	}
	return a.begun(ctx, secret, s), nil
}

// accountError says what is wrong with a request that changes accounts.
func (a *api) accountError(ctx context.Context, operation string, err error) error {
	if invalid, ok := errors.AsType[*accounts.InvalidError](err); ok {
		return huma.Error422UnprocessableEntity(invalid.Message, &huma.ErrorDetail{Message: invalid.Message, Location: "body." + invalid.Field})
	}
	if limit, ok := errors.AsType[*accounts.LimitError](err); ok {
		return huma.ErrorWithHeaders(huma.Error429TooManyRequests(limit.Error()), http.Header{"Retry-After": {strconv.Itoa(limit.Seconds())}})
	}
	for known, status := range map[error]int{
		accounts.ErrNotFound: http.StatusNotFound, accounts.ErrTaken: http.StatusConflict, accounts.ErrLastOwner: http.StatusConflict, accounts.ErrTooMany: http.StatusConflict,
		accounts.ErrLink: http.StatusForbidden, accounts.ErrSignIn: http.StatusUnauthorized, accounts.ErrNoUser: http.StatusForbidden,
	} {
		if errors.Is(err, known) {
			return huma.NewError(status, known.Error())
		}
	}
	if errors.Is(err, workspace.ErrConflict) {
		return huma.Error409Conflict("somebody else has just changed this; try again")
	}
	return a.fault(ctx, operation, err)
}
