package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/admin/trial"
)

// Trials sends test events; trial.Tester does. An error that is a *trial.UnknownError is the caller's.
type Trials interface {
	Run(ctx context.Context, o *trial.Order) (*trial.Result, error)
}

func (a *api) trialRoute(h huma.API) {
	op := operation(http.MethodPost, "/api/mappings/test", access.Editor, huma.Operation{
		OperationID: "test-mapping", Summary: "Send a test event",
		Description: "Takes one event through one mapping, and shows each step: the trigger, the mapped payload, the exact request, and, when it is to be sent, the answer and what the event became at " +
			"this server's own receiver. A test is no delivery: it is in no ledger, and its webhook-id is its own. What goes wrong with the mapping or its destination is in the answer, which is 200.",
	})
	op.MaxBodyBytes = 2 * trial.EventBytesMax
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
	huma.Register(h, op, a.test)
}

type testInput struct {
	Body trial.Order
}

func (a *api) test(ctx context.Context, in *testInput) (*data[*trial.Result], error) {
	result, err := a.Trials.Run(ctx, &in.Body)
	if wrong, ok := errors.AsType[*trial.UnknownError](err); ok {
		return nil, huma.Error422UnprocessableEntity(wrong.Error())
	}
	if err != nil {
		return nil, a.fault(ctx, "test-mapping", err)
	}
	return answer(result), nil
}
