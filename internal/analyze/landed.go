package analyze

import (
	"context"
	"fmt"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// landedMax is how many calls with one messageId, or of one request, are told of.
const landedMax = 100

// Landed is a call as it was received, and the app (id) that it was for; "_" when its key belongs to none.
type Landed struct {
	analytics.Received

	App string
}

// ByMessage lists the calls with a messageId, of one app (id) or, with "", of all, in the order in which they were received.
func (a *Analyzer) ByMessage(ctx context.Context, app, messageID string) ([]Landed, error) {
	landed, err := a.landed(ctx, app, func(apps []uint32) string {
		var hashes []uint64
		for _, n := range apps {
			hashes = append(hashes, (&identity{app: n, messageID: messageID}).hashOfMessage())
		}
		return "message_hash IN (" + list(hashes) + ") AND message_id = " + text(messageID)
	})
	if err != nil {
		return nil, fmt.Errorf("find received message: %w", err)
	}
	return landed, nil
}

// ByRequest lists the calls that came with a webhook-id, to any app, in the order in which they were received.
func (a *Analyzer) ByRequest(ctx context.Context, webhookID string) ([]Landed, error) {
	landed, err := a.landed(ctx, "", func(apps []uint32) string {
		var hashes []uint64
		for _, n := range apps {
			for element := range landedMax {
				hashes = append(hashes, (&identity{app: n, webhookID: webhookID, place: place{element: element}}).hashOfCall())
			}
		}
		firsts := "(SELECT n FROM analytics.calls WHERE call_hash IN (" + list(hashes) + "))"
		return "(n IN " + firsts + " OR of_n IN " + firsts + ") AND webhook_id = " + text(webhookID)
	})
	if err != nil {
		return nil, fmt.Errorf("find received request: %w", err)
	}
	return landed, nil
}

// landed lists the calls that meet a condition, that is made of the numbers of an app, or of all.
func (a *Analyzer) landed(ctx context.Context, app string, where func(apps []uint32) string) ([]Landed, error) {
	landed := []Landed{}
	err := a.DB.Snapshot(ctx, func(q duck.Querier) error {
		apps, err := duck.Select(ctx, q, duck.Column[uint32], "SELECT id FROM analytics.apps WHERE $1 = '' OR app = $1", app)
		if err != nil || len(apps) == 0 {
			return err
		}
		landed, err = landedRows(ctx, q, where(apps))
		return err
	})
	return landed, err
}

func landedRows(ctx context.Context, q duck.Querier, where string) ([]Landed, error) {
	verdicts, err := duck.Select(ctx, q, duck.Column[string], "SELECT code FROM analytics.verdicts ORDER BY bit")
	if err != nil {
		return nil, err
	}
	return received(ctx, q, fmt.Sprintf("SELECT * FROM analytics.calls WHERE %s ORDER BY n LIMIT %d", where, landedMax), "ORDER BY c.n", verdicts)
}
