package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"penstock/internal/admin"
	"penstock/internal/analytics"
	"penstock/internal/analyze"
	"penstock/internal/erase"
	"penstock/internal/record"
)

// openErasures goes on with the erasures that are not done.
func (s *server) openErasures(ctx context.Context) error {
	var err error
	s.erasures, err = erase.New(ctx, erase.Parts{Log: s.log, Analytics: masks{s.analyzer}, Journal: s.journal, Logger: s.cfg.Logger})
	if err != nil {
		return err
	}
	s.parts.run(ctx, "erasures", s.erasures.Run)
	return nil
}

// masks is the analyzer as the erase engine sees it.
type masks struct{ analyzer *analyze.Analyzer }

// Erase makes persons vanish from every answer.
func (m masks) Erase(ctx context.Context, who erase.Persons) error {
	people := make([]analytics.Who, 0, len(who.Visitors)+len(who.Accounts))
	for _, id := range who.Visitors {
		people = append(people, analytics.Who{Kind: analytics.KindVisitor, ID: id})
	}
	for _, id := range who.Accounts {
		people = append(people, analytics.Who{Kind: analytics.KindAccount, ID: id})
	}
	return m.analyzer.Erase(ctx, who.Erasure, who.App, people, who.UpTo)
}

// Erased tells that the log does not hold them any more.
func (m masks) Erased(id string) { m.analyzer.Erased(id) }

// erasures is the erase engine as the control API sees it.
type erasures struct{ engine *erase.Engine }

// Begin begins an erasure.
func (e erasures) Begin(ctx context.Context, r admin.ErasureRequest) (admin.Erasure, error) {
	job, err := e.engine.Begin(ctx, erase.Request(r))
	switch {
	case errors.Is(err, erase.ErrNobody) || errors.Is(err, erase.ErrTooMany):
		err = fmt.Errorf("%w: %w", admin.ErrErasure, err)
	case errors.Is(err, erase.ErrBusy):
		err = admin.ErrErasuresBusy
	}
	return shownErasure(job), err
}

// Get tells how far one is.
func (e erasures) Get(id string) (admin.Erasure, bool) {
	job, ok := e.engine.Get(id)
	return shownErasure(job), ok
}

// List lists those of an app.
func (e erasures) List(app string) []admin.Erasure {
	var all []admin.Erasure
	for _, job := range e.engine.List(app) {
		all = append(all, shownErasure(job))
	}
	return all
}

func shownErasure(job record.Erasure) admin.Erasure {
	out := admin.Erasure{
		ID: job.ID, App: job.App, Sources: job.Sources, State: string(job.State), Persons: job.Persons, Lines: job.Lines, Frames: job.Frames,
		Begun: time.UnixMilli(job.Begun).UTC(),
	}
	if job.Ended != 0 {
		ended := time.UnixMilli(job.Ended).UTC()
		out.Ended = &ended
	}
	return out
}
