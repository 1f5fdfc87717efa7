package analytics

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"penstock/internal/record"
)

// What a question may be answered with, besides an answer.
var (
	// ErrCursor: the cursor is none that was given.
	ErrCursor = errors.New("cursor is none that an answer gave")
	// ErrSort: there is no order of that name.
	ErrSort = errors.New("there is no such order")
	// ErrField: a field of a filter or a grouping cannot be read.
	ErrField = errors.New("there is no such field")
	// ErrConflict: what was to be changed has been changed by someone else meanwhile.
	ErrConflict = errors.New("it was changed meanwhile")
)

// Range is a time: From is in it, To is not. A zero time stands for no bound.
type Range struct{ From, To time.Time }

// Top is the largest ones in a time.
type Top struct {
	Range

	Limit int
}

// Page says which part of a table is asked for.
type Page struct {
	Search string // part of a name or an id, in any case
	Sort   string // a field; with "-" before it: descending
	Limit  int    // rows
	Cursor string // what the page before gave as Next; "": the page after Offset
	Offset int    // rows that stand before the page, in a table whose rows have numbers; of no account where there is a cursor
}

// List is a page of a table.
type List[T any] struct {
	Rows  []T
	Next  string // cursor of the next page; "" at the end
	Total int64  // rows of all pages, where that is known
}

// Kind is what sort of people someone is.
type Kind string

// The kinds.
const (
	KindVisitor Kind = "visitor"
	KindAccount Kind = "account"
)

// Who is a visitor or an account of an app.
type Who struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

// Flags is what is wished for someone.
type Flags struct {
	Excluded     bool `json:"excluded" doc:"Counted nowhere, as long as it is so"`
	DoNotProcess bool `json:"doNotProcess" doc:"What comes is not taken in, and the browser agent is told to stop"`
}

// FlagChange is a change of Flags; nil leaves one as it is.
type FlagChange struct {
	Excluded     *bool `json:"excluded,omitempty"`
	DoNotProcess *bool `json:"doNotProcess,omitempty"`
}

// Exclusion is someone for whom something is wished.
type Exclusion struct {
	Who
	Flags

	At time.Time `json:"at" doc:"When it was changed"`
}

// Service answers. App is an app's id everywhere. What is not there is nil, without an error.
type Service interface {
	TrackEvents(ctx context.Context, app string, r Range, p Page) (List[TrackEvent], error)
	TrackEvent(ctx context.Context, app, name string, r Range, interval Interval) (*TrackEventDetail, error)
	Properties(ctx context.Context, app, name string, r Range) ([]Property, error)
	Breakdown(ctx context.Context, app, name, property string, top Top) ([]PropertyValue, error)
	TopVisitors(ctx context.Context, app, name string, r Range, limit int) ([]TopVisitor, error)
	TopAccounts(ctx context.Context, app, name string, r Range, limit int) ([]TopAccount, error)
	Explore(ctx context.Context, app string, q Exploration) (Explored, error)

	Visitors(ctx context.Context, app string, f VisitorFilter, r Range, p Page) (List[VisitorRow], error)
	Visitor(ctx context.Context, app, id string) (*Visitor, error)
	Accounts(ctx context.Context, app string, r Range, p Page) (List[AccountRow], error)
	Account(ctx context.Context, app, id string) (*Account, error)
	History(ctx context.Context, app string, who Who, f HistoryFilter) ([]HistoryEntry, error)
	SetFlags(ctx context.Context, app string, who Who, change FlagChange) (Flags, error)
	Exclusions(ctx context.Context, app string) ([]Exclusion, error)

	Received(ctx context.Context, app string, f ReceivedFilter, p Page) (List[Received], error)
	ReceivedAfter(ctx context.Context, app string, f ReceivedFilter, after Mark, limit int) (found []Received, seen Mark, err error)
	Newest(ctx context.Context) (Mark, error)
	MarkOf(ctx context.Context, p Place) (Mark, error)
	At(ctx context.Context, app string, p record.Position) ([]Received, error)
	Changed() <-chan struct{}

	PropertyDictionary(ctx context.Context, app, event string, r Range, p Page) (List[PropertyEntry], error)
	MetadataDictionary(ctx context.Context, app string, kind Kind, search string) ([]MetadataEntry, error)
	Verdicts(ctx context.Context, app, event string, r Range) ([]VerdictSeries, error)
	Coverage(ctx context.Context, app string, r Range, p Page) (List[Coverage], error)
	IDShapes(ctx context.Context, app string) ([]IDShape, error)
}

// Interval is the width of the steps of a series.
type Interval string

// The intervals. Total is one step.
const (
	Hour  Interval = "hour"
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
	Total Interval = "total"
)

// Value is a JSON value, as it is.
type Value = json.RawMessage
