package app

import (
	"context"

	"penstock/internal/admin"
	"penstock/internal/journal"
)

// history is the journal as the control API sees it.
type history struct{ journal *journal.Journal }

// convert makes a list of another list's type.
func convert[To, From any](rows []From, err error, one func(From) To) ([]To, error) {
	if err != nil {
		return nil, err
	}
	out := make([]To, 0, len(rows))
	for _, r := range rows {
		out = append(out, one(r))
	}
	return out, nil
}

// Search finds events.
func (h history) Search(ctx context.Context, q admin.EventQuery) ([]admin.FoundEvent, error) {
	rows, err := h.journal.Search(ctx, journal.Query(q))
	return convert(rows, err, func(r journal.EventRow) admin.FoundEvent { return admin.FoundEvent(r) })
}

// Volume counts what a source received.
func (h history) Volume(ctx context.Context, source string, s admin.Span) ([]admin.VolumePoint, error) {
	rows, err := h.journal.Volume(ctx, source, journal.Span(s))
	return convert(rows, err, func(r journal.VolumePoint) admin.VolumePoint { return admin.VolumePoint(r) })
}

// EventNames lists the names of what a source received.
func (h history) EventNames(ctx context.Context, source string, s admin.Span) ([]admin.EventName, error) {
	rows, err := h.journal.EventNames(ctx, source, journal.Span(s))
	return convert(rows, err, func(r journal.EventName) admin.EventName { return admin.EventName(r) })
}

// Outcomes counts what became of events.
func (h history) Outcomes(ctx context.Context, mappings []string, s admin.Span) ([]admin.OutcomePoint, error) {
	rows, err := h.journal.Outcomes(ctx, mappings, journal.Span(s))
	return convert(rows, err, func(r journal.OutcomePoint) admin.OutcomePoint { return admin.OutcomePoint(r) })
}

// Reasons tells why events were not delivered.
func (h history) Reasons(ctx context.Context, mappings []string, s admin.Span) ([]admin.Reason, error) {
	rows, err := h.journal.Reasons(ctx, mappings, journal.Span(s))
	return convert(rows, err, func(r journal.Reason) admin.Reason { return admin.Reason(r) })
}

// Attempts lists outcomes.
func (h history) Attempts(ctx context.Context, q admin.AttemptQuery) ([]admin.Attempt, error) {
	rows, err := h.journal.Attempts(ctx, journal.AttemptQuery(q))
	return convert(rows, err, func(r journal.Attempt) admin.Attempt { return admin.Attempt(r) })
}
