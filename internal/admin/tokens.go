package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/accounts"
)

func (a *api) tokenRoutes(h huma.API) {
	huma.Register(h, operation(http.MethodGet, "/api/tokens", access.Owner, huma.Operation{
		OperationID: "list-tokens", Summary: "List the tokens", Description: "With role, expiry, and when each was used last (to a minute). The tokens themselves are kept nowhere.",
	}), a.tokens)
	huma.Register(h, operation(http.MethodPost, "/api/tokens", access.Owner, huma.Operation{
		OperationID: "create-token", Summary: "Make a token", Description: "The token is in the answer, and is never shown again.",
		Errors: []int{http.StatusConflict, http.StatusUnprocessableEntity},
	}), a.createToken)
	huma.Register(h, operation(http.MethodDelete, "/api/tokens/{id}", access.Owner, huma.Operation{
		OperationID: "revoke-token", Summary: "Revoke a token", Description: "It opens nothing from then on.", DefaultStatus: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}), a.revokeToken)
}

// Token is a token as it is listed.
type Token struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Role       access.Role `json:"role" enum:"viewer,editor,owner"`
	CreatedAt  time.Time   `json:"createdAt"`
	CreatedBy  string      `json:"createdBy" doc:"Name of who made it"`
	ExpiresAt  *time.Time  `json:"expiresAt,omitempty"`
	LastUsedAt *time.Time  `json:"lastUsedAt,omitempty"`
}

// CreatedToken is a token that was made.
type CreatedToken struct {
	Token

	Secret string `json:"token" doc:"The token itself, which is shown only this once"`
}

func shownToken(t *accounts.Token) Token {
	return Token{ID: t.ID, Name: t.Name, Role: t.Role, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt}
}

func (a *api) tokens(context.Context, *struct{}) (*data[[]Token], error) {
	out := []Token{}
	for _, t := range a.Accounts.Tokens() {
		out = append(out, shownToken(t))
	}
	return answer(out), nil
}

type createTokenInput struct {
	Body struct {
		Name      string      `json:"name" maxLength:"800" doc:"What it is for"`
		Role      access.Role `json:"role" enum:"viewer,editor,owner"`
		ExpiresAt *time.Time  `json:"expiresAt,omitempty" doc:"Default: never"`
	}
}

func (a *api) createToken(ctx context.Context, in *createTokenInput) (*data[CreatedToken], error) {
	secret, t, err := a.Accounts.CreateToken(ctx, accounts.NewToken{Name: in.Body.Name, Role: in.Body.Role, ExpiresAt: in.Body.ExpiresAt})
	if err != nil {
		return nil, a.accountError(ctx, "create-token", err)
	}
	return answer(CreatedToken{Token: shownToken(t), Secret: secret}), nil
}

func (a *api) revokeToken(ctx context.Context, in *IDInput) (*struct{}, error) {
	if err := a.Accounts.RevokeToken(ctx, in.ID); err != nil {
		return nil, a.accountError(ctx, "revoke-token", err)
	}
	return &struct{}{}, nil
}
