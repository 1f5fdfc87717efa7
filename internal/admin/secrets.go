package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/vault"
)

// Secrets is how the secrets of the configuration are encrypted; the composition root makes it of vault.Vault.
type Secrets interface {
	// State says which key they are encrypted with, and how many there are.
	State(ctx context.Context) (SecretState, error)
	// Rotate encrypts them anew with a new key. The error is vault.ErrGiven when the key is not the server's to change.
	Rotate(ctx context.Context) (SecretState, error)
}

// SecretState is how secrets are encrypted.
type SecretState struct {
	Key     string `json:"key" doc:"Names the key, and says nothing of it"`
	From    string `json:"from" enum:"file,environment" doc:"file: the data folder has the key; environment: PENSTOCK_SECRET_KEY"`
	Secrets int    `json:"secrets" doc:"How many are encrypted"`
}

func (a *api) secretRoutes(h huma.API) {
	huma.Register(h, operation(http.MethodGet, "/api/secrets", access.Owner, huma.Operation{
		OperationID: "get-secrets", Summary: "Show how secrets are encrypted", Description: "Which key, and how many secrets there are; none of them.",
	}), a.secrets)
	huma.Register(h, operation(http.MethodPost, "/api/secrets/rotate", access.Owner, huma.Operation{
		OperationID: "rotate-secrets", Summary: "Encrypt the secrets with a new key",
		Description: "Makes a key, encrypts every secret anew with it, and forgets the old key. Not for a key that comes from PENSTOCK_SECRET_KEY: that is changed by its operator.",
		Errors:      []int{http.StatusConflict},
	}), a.rotateSecrets)
}

func (a *api) secrets(ctx context.Context, _ *struct{}) (*data[SecretState], error) {
	state, err := a.Secrets.State(ctx)
	if err != nil {
		return nil, a.fault(ctx, "get-secrets", err)
	}
	return answer(state), nil
}

func (a *api) rotateSecrets(ctx context.Context, _ *struct{}) (*data[SecretState], error) {
	// A client that goes away does not leave half of it behind.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	state, err := a.Secrets.Rotate(ctx)
	if errors.Is(err, vault.ErrGiven) {
		return nil, huma.Error409Conflict(vault.ErrGiven.Error())
	}
	if err != nil {
		return nil, a.fault(ctx, "rotate-secrets", err)
	}
	return answer(state), nil
}
