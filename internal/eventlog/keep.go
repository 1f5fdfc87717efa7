package eventlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/record"
)

// chained tells whether frames of a kind are missed when they are gone. Of the others only the newest of each subject counts.
func chained(kind record.Kind) bool {
	switch kind {
	case record.KindEvents, record.KindFence, record.KindRejected, record.KindOutcomes, record.KindReceived, record.KindAudit:
		return true
	case record.KindCheckpoint, record.KindErasure, record.KindKept, record.KindRewritten:
		return false
	}
	return true
}

// Kept says where what is kept of a subject begins; the zero value when nothing was removed of it.
func (l *Log) Kept(ctx context.Context, name Stream, subject string) (record.Kept, error) {
	c, ok, err := l.LastOf(ctx, name, keptPrefix+subject, 0)
	if err != nil || !ok {
		return record.Kept{}, err
	}
	var kept record.Kept
	if err := json.Unmarshal(record.Line(c.Body, 0), &kept); err != nil {
		return record.Kept{}, fmt.Errorf("read where %s begins: %w", subject, err)
	}
	return kept, nil
}

// Shorten removes the frames of a subject that lie before a sequence, all of them where that is behind the last. It returns how many lines they had.
// Broken off at any point, it is finished by being called again; readers meanwhile find what is there, and no hole.
func (l *Log) Shorten(ctx context.Context, name Stream, subject string, before uint64) (lines uint64, err error) {
	l.takingOut.Lock()
	defer l.takingOut.Unlock()
	last, err := l.lastBefore(ctx, name, subject, 0)
	if err != nil || last.Seq == 0 {
		return 0, err
	}
	if before > last.Seq {
		if before, err = l.endBehind(ctx, name, last); err != nil {
			return 0, err
		}
	}
	end, err := l.headBefore(ctx, name, subject, before)
	if err != nil || end.seq == 0 || end.seq >= before {
		return 0, err
	}
	was, err := l.Kept(ctx, name, subject)
	if err != nil {
		return 0, err
	}
	if end.total > was.Lines {
		lines = end.total - was.Lines
		if err := l.note(ctx, name, subject, &record.Kept{Before: before, N: end.n, Lines: end.total, Bytes: end.bytes, At: end.at}); err != nil {
			return 0, err
		}
	}
	if err := l.store.Purge(ctx, name, subject, before); err != nil {
		return 0, fmt.Errorf("shorten %s: %w", subject, err)
	}
	l.streams[name].tail.forget(before)
	l.streams[name].removals.Add(1) // who sees this reads what is kept
	return lines, l.dropRewrites(ctx, l.streams[name], subject, before)
}

// note writes where a subject begins from now on; the records that said so before go.
func (l *Log) note(ctx context.Context, name Stream, subject string, kept *record.Kept) error {
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode where %s begins: %w", subject, err)
	}
	at, err := l.Append(ctx, name, keptPrefix+subject, record.KindKept, []Line{{Data: data}})
	if err != nil {
		return err
	}
	return l.Prune(ctx, name, keptPrefix+subject, at.Seq)
}

// endBehind sees to it that the last frame of a subject is one without lines, so that whatever was there can go, and returns its sequence.
func (l *Log) endBehind(ctx context.Context, name Stream, last Chunk) (uint64, error) {
	if last.Header.Lines == 0 {
		return last.Seq, nil
	}
	at, err := l.append(ctx, name, &request{subject: last.Subject, kind: last.Header.Kind})
	return at.Seq, err
}

// Prune removes the frames of a subject before a sequence without a trace. It is for records of which only the newest count.
func (l *Log) Prune(ctx context.Context, name Stream, subject string, before uint64) error {
	if err := l.store.Purge(ctx, name, subject, before); err != nil {
		return fmt.Errorf("prune %s: %w", subject, err)
	}
	l.streams[name].tail.forget(before)
	return nil
}

// Find returns the first frame of a subject of which a condition holds that, once it holds, holds for all later ones; the zero header and the sequence
// behind the end of the stream when there is none.
func (l *Log) Find(ctx context.Context, name Stream, subject string, holds func(*record.Header) bool) (record.Header, uint64, error) {
	var found record.Header
	lo, hi := uint64(0), l.Last(name)+1 // it holds for no frame up to lo, and for all from hi on
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		c, err := l.lastBefore(ctx, name, subject, mid+1)
		switch {
		case err != nil:
			return record.Header{}, 0, err
		case c.Seq > lo && holds(&c.Header):
			found, hi = c.Header, c.Seq
		default:
			lo = mid
		}
	}
	return found, hi, nil
}

// FirstOf returns the first readable frame of a subject at or behind a sequence; false when there is none.
func (l *Log) FirstOf(ctx context.Context, name Stream, subject string, from uint64) (Chunk, bool, error) {
	found, err := l.store.Read(ctx, name, subject, max(from, 1), 1)
	if err == nil {
		found, _, err = l.replaced(ctx, l.streams[name], subject, found, span{max(from, 1), endOf(found, l.Last(name)) + 1})
	}
	if err != nil {
		return Chunk{}, false, fmt.Errorf("read beginning of %s: %w", subject, err)
	}
	for _, m := range found {
		if h, body, err := record.DecodeFrame(m.Data); !errors.Is(err, record.ErrHeader) {
			return Chunk{Seq: m.Seq, Subject: subject, Header: h, Body: body}, true, nil
		}
	}
	if len(found) == 0 {
		return Chunk{}, false, nil
	}
	return l.FirstOf(ctx, name, subject, found[len(found)-1].Seq+1)
}

// endOf is the sequence of the last of what was found, or of the stream when nothing was.
func endOf(found []Stored, last uint64) uint64 {
	if len(found) == 0 {
		return last
	}
	return found[len(found)-1].Seq
}

// Subjects lists the subjects of a stream that match a filter with NATS wildcards and have a frame, in no order.
func (l *Log) Subjects(ctx context.Context, name Stream, filter string) ([]string, error) {
	found, err := l.store.Subjects(ctx, name, filter)
	if err != nil {
		return nil, fmt.Errorf("list subjects %s: %w", filter, err)
	}
	return found, nil
}
