package admin

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Keeping is what the log keeps, and what is wrong with it.
type Keeping struct {
	Sources []KeptSource `json:"sources" nullable:"false"`
	Alarms  []string     `json:"alarms" nullable:"false" doc:"What an operator should know of, in sentences; empty: all is well"`
}

// KeptSource is what the log keeps of a source.
type KeptSource struct {
	Source  string     `json:"source" doc:"Slug, or the id of one that was deleted"`
	Since   *time.Time `json:"since,omitempty" doc:"When the oldest event that is kept was stored"`
	Bytes   int64      `json:"bytes" doc:"That are kept"`
	Removed uint64     `json:"removed" doc:"Events that have been removed since they were too old, or too much"`
	Backlog Backlog    `json:"backlog" doc:"What some mapping has not settled yet; it is never removed"`
}

// Backlog is what some mapping of a source has not settled.
type Backlog struct {
	Seconds int64   `json:"seconds" doc:"Age of the oldest event of it"`
	Bytes   int64   `json:"bytes" doc:"Of the source's events from that one on"`
	Share   float64 `json:"share" doc:"Of what it may hold; at 1 it is full"`
	State   string  `json:"state" enum:"fine,half,nearlyFull,full,discarding" doc:"full: new events are answered 503; discarding: the oldest are discarded"`
}

func (a *api) keepingRoute(h huma.API) {
	huma.Register(h, get("get-keeping", "/api/log", "What the log keeps",
		"From when on events are kept, source by source, how large the backlog is that holds them, and what is wrong with the log, if anything is."),
		func(context.Context, *struct{}) (*data[Keeping], error) { return answer(a.Keeping()), nil })
}
