package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
)

// operations registers what tells that the server lives. Anyone may ask.
func (a *api) operations(h huma.API) {
	huma.Register(h, access.Allow(huma.Operation{
		OperationID: "healthz", Method: http.MethodGet, Path: "/healthz", Summary: "Whether the process lives",
	}, access.Anyone), func(context.Context, *struct{}) (*data[string], error) { return answer("ok"), nil })
	huma.Register(h, access.Allow(huma.Operation{
		OperationID: "readyz", Method: http.MethodGet, Path: "/readyz", Summary: "Whether the server takes events",
		Errors: []int{http.StatusServiceUnavailable},
	}, access.Anyone), func(context.Context, *struct{}) (*data[string], error) {
		if err := a.Ready(); err != nil {
			return nil, huma.Error503ServiceUnavailable("not ready: " + err.Error())
		}
		return answer("ready"), nil
	})
}
