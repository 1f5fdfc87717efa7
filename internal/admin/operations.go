package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// operations registers what tells that the server lives. It needs no token.
func (a *api) operations(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "healthz", Method: http.MethodGet, Path: "/healthz", Summary: "Whether the process lives",
	}, func(context.Context, *struct{}) (*data[string], error) { return answer("ok"), nil })
	huma.Register(h, huma.Operation{
		OperationID: "readyz", Method: http.MethodGet, Path: "/readyz", Summary: "Whether the server takes events",
		Errors: []int{http.StatusServiceUnavailable},
	}, func(context.Context, *struct{}) (*data[string], error) {
		if err := a.Ready(); err != nil {
			return nil, huma.Error503ServiceUnavailable("not ready: " + err.Error())
		}
		return answer("ready"), nil
	})
}
