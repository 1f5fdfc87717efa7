// Package audit keeps the trail: who changed what, from what to what, when, and from where. Its records are lines of the stream AUDIT
// (docs/internals/log.md), synced before what they speak of is done, so that no change is without one; a change that then fails is marked void.
//
// KV stands over the bucket of the configuration and records every change that passes, whichever surface it comes from. What has no bucket of that kind
// (sign-ins, users, tokens) is recorded by internal/accounts.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"penstock/internal/access"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// The actions of a trail.
const (
	Create       = "create"
	Update       = "update"
	Delete       = "delete"
	SignIn       = "sign-in"
	SignInFailed = "sign-in-failed"
	SignOut      = "sign-out"
	Rotate       = "rotate"
	void         = "void"
)

// Log is what a trail is written to, and read from; eventlog.Log is one.
type Log interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
	Chunk(ctx context.Context, stream eventlog.Stream, seq uint64) (eventlog.Chunk, error)
	Last(stream eventlog.Stream) uint64
}

// subject is that of all records: there is one workspace.
const subject = "audit.default"

// Trail writes records and finds them.
type Trail struct{ log Log }

// New makes a Trail on a log.
func New(log Log) *Trail { return &Trail{log: log} }

// Record writes down what the principal of ctx has done. Time, actor, address and agent are filled in.
func (t *Trail) Record(ctx context.Context, r record.Audit) error {
	_, err := t.append(ctx, r)
	return err
}

// Around writes down what is about to be done, and has it done. Nothing is done that cannot be written down.
func (t *Trail) Around(ctx context.Context, r record.Audit, do func() error) error {
	at, err := t.append(ctx, r)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		_, lost := t.append(context.WithoutCancel(ctx), record.Audit{Action: void, Kind: r.Kind, ID: r.ID, Name: r.Name, Of: &at, Detail: err.Error()})
		return errors.Join(err, lost)
	}
	return nil
}

func (t *Trail) append(ctx context.Context, r record.Audit) (record.Position, error) {
	r.At = time.Now().UnixMilli()
	from := access.From(ctx)
	r.Remote, r.Agent = from.Address, from.Agent
	if who, ok := access.Of(ctx); ok && r.Actor == nil {
		r.Actor = ActorOf(who)
	}
	for _, value := range []*json.RawMessage{&r.Before, &r.After} {
		if len(*value) > record.AuditValueBytesMax {
			*value, r.TooLarge = nil, true
		}
	}
	line, err := json.Marshal(r)
	if err != nil {
		return record.Position{}, fmt.Errorf("write to audit trail: %w", err)
	}
	at, err := t.log.Append(ctx, eventlog.Audit, subject, record.KindAudit, []eventlog.Line{{Data: line}})
	if err != nil {
		return record.Position{}, fmt.Errorf("write to audit trail: %w", err)
	}
	return at, nil
}

// ActorOf is a principal as a record has it.
func ActorOf(p access.Principal) *record.Actor {
	return &record.Actor{Kind: string(p.Kind), ID: p.ID, Name: p.Name, Role: string(p.Role)}
}
