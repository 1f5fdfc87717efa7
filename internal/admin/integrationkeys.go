package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/pendoapi/keys"
	"penstock/internal/workspace"
)

// IntegrationKeys are the keys of the Pendo-compatible public API; keys.Store is one.
type IntegrationKeys interface {
	List() []keys.Key
	Create(ctx context.Context, k keys.Key, region string) (keys.Key, string, error)
	Delete(ctx context.Context, id string) (bool, error)
}

func (a *api) integrationKeyRoutes(h huma.API) {
	huma.Register(h, get("list-integration-keys", "/api/integration-keys", "List the keys of the Pendo-compatible public API", "Without their secrets, the newest first."), a.integrationKeys)
	huma.Register(h, operation(http.MethodPost, "/api/integration-keys", access.Owner, huma.Operation{
		OperationID: "create-integration-key", Summary: "Make a key of the Pendo-compatible public API", Description: "The answer has the key itself, which is shown only now.",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}), a.createIntegrationKey)
	huma.Register(h, operation(http.MethodDelete, "/api/integration-keys/{id}", access.Owner, huma.Operation{
		OperationID: "delete-integration-key", Summary: "Delete a key of the Pendo-compatible public API", Errors: []int{http.StatusNotFound},
	}), a.deleteIntegrationKey)
}

// IntegrationKey is a key, without its secret.
type IntegrationKey struct {
	ID          string     `json:"id"`
	Description string     `json:"description"`
	App         string     `json:"app,omitempty" doc:"Slug; missing: all apps"`
	WriteAccess bool       `json:"writeAccess"`
	CreatedAt   time.Time  `json:"createdAt"`
	LastUsedAt  *time.Time `json:"lastUsedAt,omitempty" doc:"Since the server was started"`
}

func (a *api) integrationKey(k *keys.Key) IntegrationKey {
	out := IntegrationKey{ID: k.ID, Description: k.Description, App: k.App, WriteAccess: k.WriteAccess, CreatedAt: k.CreatedAt}
	if app := a.Workspace.Snapshot().App(k.App); app != nil {
		out.App = app.Slug
	}
	if !k.LastUsedAt.IsZero() {
		out.LastUsedAt = &k.LastUsedAt
	}
	return out
}

func (a *api) integrationKeys(context.Context, *struct{}) (*data[[]IntegrationKey], error) {
	list := []IntegrationKey{}
	for _, k := range a.IntegrationKeys.List() {
		list = append(list, a.integrationKey(&k))
	}
	return answer(list), nil
}

type createKeyInput struct {
	Body struct {
		Description string `json:"description" minLength:"1" maxLength:"200" doc:"Who will use it, and for what"`
		App         string `json:"app,omitempty" maxLength:"64" doc:"Slug of the app that it opens; missing: all apps"`
		WriteAccess bool   `json:"writeAccess,omitempty" doc:"Whether it may change something"`
	}
}

// CreatedIntegrationKey is a key that was just made.
type CreatedIntegrationKey struct {
	IntegrationKey

	Key string `json:"key" doc:"To be sent as x-pendo-integration-key. It is shown only now"`
}

func (a *api) createIntegrationKey(ctx context.Context, in *createKeyInput) (*data[CreatedIntegrationKey], error) {
	k := keys.Key{Description: in.Body.Description, WriteAccess: in.Body.WriteAccess}
	region := workspace.Region("")
	if in.Body.App != "" {
		app, err := a.app(in.Body.App)
		if err != nil {
			return nil, err
		}
		k.App, region = app.ID, app.Region
	}
	made, secret, err := a.IntegrationKeys.Create(ctx, k, strings.ToLower(cmp.Or(string(region), "us")))
	if errors.Is(err, keys.ErrTooMany) {
		return nil, huma.Error409Conflict(err.Error())
	}
	if err != nil {
		return nil, a.fault(ctx, "create-integration-key", err)
	}
	return answer(CreatedIntegrationKey{a.integrationKey(&made), secret}), nil
}

type keyInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *api) deleteIntegrationKey(ctx context.Context, in *keyInput) (*struct{}, error) {
	found, err := a.IntegrationKeys.Delete(ctx, in.ID)
	if err != nil {
		return nil, a.fault(ctx, "delete-integration-key", err)
	}
	if !found {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no integration key %q; GET /api/integration-keys lists them", in.ID))
	}
	return &struct{}{}, nil
}
