package analyze

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"penstock/internal/duck"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// The bounds of answers.
const (
	trackEventsMax = 5000 // names; Pendo's own limit for an app
	accountsMax    = 1000 // of a visitor
	identifiesMax  = 1000 // calls that a visitor's metadata is made of, the latest
	landedMax      = 100  // rows of one messageId
)

// TrackEvent is one event name of an app, in numbers. Times are when calls happened.
type TrackEvent struct {
	Name      string    `json:"name"`
	Events    int64     `json:"events"`
	Visitors  int64     `json:"visitors"` // different ones
	Accounts  int64     `json:"accounts"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// TrackEvents lists the Track Events of an app (id), the most frequent first.
func (a *Analyzer) TrackEvents(ctx context.Context, app string) ([]TrackEvent, error) {
	found, err := duck.Select(ctx, a.db, func(r *sql.Rows) (TrackEvent, error) {
		var e TrackEvent
		err := r.Scan(&e.Name, &e.Events, &e.Visitors, &e.Accounts, &e.FirstSeen, &e.LastSeen)
		return e, err
	}, `SELECT event, count(*), count(DISTINCT visitor), count(DISTINCT account), min(ts), max(ts)
		FROM analytics.track_events WHERE app = ? GROUP BY event ORDER BY 2 DESC, 1 LIMIT ?`, app, trackEventsMax)
	if err != nil {
		return nil, fmt.Errorf("list track events: %w", err)
	}
	return found, nil
}

// Visitor is one visitor of an app. Times are when calls happened.
type Visitor struct {
	ID          string              `json:"id"`
	Accounts    []string            `json:"accounts"` // the one seen last first
	Events      int64               `json:"events"`   // Track Events
	FirstSeen   time.Time           `json:"firstSeen"`
	LastSeen    time.Time           `json:"lastSeen"`
	TrackEvents []VisitorTrackEvent `json:"trackEvents"`
	Metadata    VisitorMetadata     `json:"metadata"`
}

// VisitorTrackEvent is one event name of a visitor, in numbers.
type VisitorTrackEvent struct {
	Name     string    `json:"name"`
	Events   int64     `json:"events"`
	LastSeen time.Time `json:"lastSeen"`
}

// VisitorMetadata is what is known of a visitor, by the group that it came in.
type VisitorMetadata struct {
	Segmentio pendowire.Metadata `json:"segmentio"` // the traits of Identify calls
}

// Visitor finds a visitor of an app (id); false when no call of theirs was received.
func (a *Analyzer) Visitor(ctx context.Context, app, id string) (Visitor, bool, error) {
	found, err := duck.Select(ctx, a.db, func(r *sql.Rows) (Visitor, error) {
		var v Visitor
		err := r.Scan(&v.ID, &v.Events, &v.FirstSeen, &v.LastSeen)
		return v, err
	}, `SELECT id, events, first_seen, last_seen FROM analytics.visitors WHERE app = ? AND id = ?`, app, id)
	if err != nil || len(found) == 0 {
		return Visitor{}, false, wrapVisitor(err)
	}
	v := found[0]
	v.Accounts, err = duck.Select(ctx, a.db, duck.Column[string],
		`SELECT account FROM analytics.calls WHERE app = ? AND visitor = ? AND counted AND account IS NOT NULL
		GROUP BY account ORDER BY max(ts) DESC, account LIMIT ?`, app, id, accountsMax)
	if err != nil {
		return Visitor{}, false, wrapVisitor(err)
	}
	v.TrackEvents, err = duck.Select(ctx, a.db, func(r *sql.Rows) (VisitorTrackEvent, error) {
		var e VisitorTrackEvent
		err := r.Scan(&e.Name, &e.Events, &e.LastSeen)
		return e, err
	}, `SELECT event, count(*), max(ts) FROM analytics.track_events WHERE app = ? AND visitor = ?
		GROUP BY event ORDER BY 2 DESC, 1 LIMIT ?`, app, id, trackEventsMax)
	if err != nil {
		return Visitor{}, false, wrapVisitor(err)
	}
	v.Metadata.Segmentio, err = a.traits(ctx, app, id)
	return v, err == nil, wrapVisitor(err)
}

// traits merges the traits of a visitor's Identify calls, in the order in which they were received.
func (a *Analyzer) traits(ctx context.Context, app, visitor string) (pendowire.Metadata, error) {
	m := pendowire.Metadata{}
	err := duck.Each(ctx, a.db, func(r *sql.Rows) error {
		var traits string
		err := r.Scan(&traits)
		m.Merge([]byte(traits))
		return err
	}, `SELECT data FROM (
			SELECT data, seq, line, element FROM analytics.calls
			WHERE app = ? AND visitor = ? AND counted AND type = 'identify' AND data IS NOT NULL
			ORDER BY seq DESC, line DESC, element DESC LIMIT ?
		) ORDER BY seq, line, element`, app, visitor, identifiesMax)
	return m, err
}

func wrapVisitor(err error) error {
	if err != nil {
		return fmt.Errorf("read visitor: %w", err)
	}
	return nil
}

// Landed is a call as it was received, and what became of it.
type Landed struct {
	App        string                  `json:"app"` // id; "_" when the key belongs to no app
	Type       string                  `json:"type"`
	Event      string                  `json:"event,omitempty"`
	Visitor    string                  `json:"visitor,omitempty"`
	Account    string                  `json:"account,omitempty"`
	ReceivedAt time.Time               `json:"receivedAt"`
	Position   record.Position         `json:"position"`          // in RECEIVED
	Element    int                     `json:"element,omitempty"` // index in its batch
	WebhookID  string                  `json:"webhookId,omitempty"`
	Counted    bool                    `json:"counted"`
	Of         *record.Position        `json:"of,omitempty"` // the first, of a duplicate or of the same messageId by another path
	Verdicts   []pendowire.Explanation `json:"verdicts"`
}

// landedColumns are what landed reads.
const landedColumns = `SELECT app, coalesce(type, ''), coalesce(event, ''), coalesce(visitor, ''), coalesce(account, ''),
	received_at, seq, line, element, coalesce(webhook_id, ''), counted, of_seq, of_line, to_json(verdicts)::VARCHAR
	FROM analytics.calls `

// ByMessage lists the calls with a messageId, of one app (id) or, with "", of all, in the order in which they were received.
func (a *Analyzer) ByMessage(ctx context.Context, app, messageID string) ([]Landed, error) {
	found, err := duck.Select(ctx, a.db, landed, landedColumns+`WHERE message_id = ? AND (? = '' OR app = ?)
		ORDER BY seq, line, element LIMIT ?`, messageID, app, app, landedMax)
	if err != nil {
		return nil, fmt.Errorf("find received message: %w", err)
	}
	return found, nil
}

// ByRequest lists the calls that came with a webhook-id, to any app, in the order in which they were received.
func (a *Analyzer) ByRequest(ctx context.Context, webhookID string) ([]Landed, error) {
	found, err := duck.Select(ctx, a.db, landed, landedColumns+`WHERE webhook_id = ? ORDER BY seq, line, element LIMIT ?`, webhookID, landedMax)
	if err != nil {
		return nil, fmt.Errorf("find received request: %w", err)
	}
	return found, nil
}

func landed(r *sql.Rows) (Landed, error) {
	l := Landed{Verdicts: []pendowire.Explanation{}}
	var ofSeq sql.Null[uint64]
	var ofLine sql.Null[int]
	var list string
	err := r.Scan(&l.App, &l.Type, &l.Event, &l.Visitor, &l.Account, &l.ReceivedAt, &l.Position.Seq, &l.Position.Line, &l.Element,
		&l.WebhookID, &l.Counted, &ofSeq, &ofLine, &list)
	if err != nil {
		return l, err
	}
	if ofSeq.Valid {
		l.Of = &record.Position{Seq: ofSeq.V, Line: ofLine.V}
	}
	var verdicts []pendowire.Verdict
	if err := json.Unmarshal([]byte(list), &verdicts); err != nil {
		return l, fmt.Errorf("read verdicts: %w", err)
	}
	for _, v := range verdicts {
		l.Verdicts = append(l.Verdicts, pendowire.Explain(v))
	}
	return l, nil
}
