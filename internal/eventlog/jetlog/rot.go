package jetlog

import (
	"context"
	"errors"
	"sync"

	"penstock/internal/eventlog"
)

// A message whose bytes have rotted on disk still counts for the server: it is what its subject ends in, until another one is stored. But
// the server cannot read it, and so a publish that expects the subject to stand at it is refused ("wrong last sequence: 0"), whatever it
// expects, unless it expects 0, as for a subject without messages. That is as safe as the true sequence would be: once anybody has stored a
// message, 0 is refused.

// errRotten: an append was refused because its subject ends in a message that cannot be read, and this is known now.
var errRotten = errors.New("last message of subject cannot be read")

// rotten is the subjects that end in a message that cannot be read, each with the sequence of the first such message since the last readable one.
type rotten struct {
	mu   sync.Mutex
	ends map[string]uint64
}

// found notes where a subject's unreadable end begins (0: it has none).
func (r *rotten) found(subject string, at uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at == 0 {
		delete(r.ends, subject)
		return
	}
	if r.ends == nil {
		r.ends = map[string]uint64{}
	}
	r.ends[subject] = at
}

// expect is what a publish of m has to expect.
func (r *rotten) expect(m *eventlog.Message) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.ends[m.Subject]; ok && m.Expect >= at && m.Expect != eventlog.NoExpect {
		return 0
	}
	return m.Expect
}

// mended forgets the subjects of stored messages.
func (r *rotten) mended(msgs []eventlog.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ends) == 0 {
		return
	}
	for i := range msgs {
		delete(r.ends, msgs[i].Subject)
	}
}

// end is where a subject ends: its last readable message (sequence 0: none), and the first unreadable one after that (0: none).
type end struct {
	readable eventlog.Stored
	rotten   uint64
}

// end finds where a subject ends, before a sequence (0: now).
func (j *JetLog) end(ctx context.Context, name eventlog.Stream, subject string, before uint64) (end, error) {
	if before == 1 {
		return end{}, nil
	}
	until := uint64(0)
	if before > 1 { // the server finds nothing at all up to a sequence that it has not reached
		last, err := j.Last(ctx, name)
		if err != nil {
			return end{}, err
		}
		until = min(before-1, last)
	}
	m, ok, err := j.lastUntil(ctx, name, subject, until)
	if err != nil || ok {
		return end{readable: m}, err
	}
	if until == 0 {
		if until, err = j.Last(ctx, name); err != nil {
			return end{}, err
		}
	}
	return j.search(ctx, name, subject, until)
}

// lastUntil returns the last message of a subject up to a sequence (0: no bound), the zero one when there is none; not ok when it cannot be read.
func (j *JetLog) lastUntil(ctx context.Context, name eventlog.Stream, subject string, until uint64) (m eventlog.Stored, ok bool, err error) {
	m, err = j.ends.get(ctx, name, getRequest{Last: []string{subject}, Until: until})
	switch {
	case errors.Is(err, eventlog.ErrNotFound):
		return eventlog.Stored{}, true, nil
	case errors.Is(err, errUnreadable):
		return eventlog.Stored{}, false, nil
	}
	return m, err == nil, err
}

// search finds the end of a subject of which it is known that it ends, at until, in a message that cannot be read. The server does not say where
// that is: its place is found by halving, and then it is looked whether readable messages lie behind it.
func (j *JetLog) search(ctx context.Context, name eventlog.Stream, subject string, until uint64) (end, error) {
	e := end{}
	for {
		lo, hi := e.readable.Seq, until // up to lo it can be read, up to hi it cannot
		for hi-lo > 1 {
			mid := lo + (hi-lo)/2
			m, ok, err := j.lastUntil(ctx, name, subject, mid)
			switch {
			case err != nil:
				return end{}, err
			case ok:
				lo, e.readable = mid, m
			default:
				hi = mid
			}
		}
		e.rotten = hi
		m, err := j.lastReadable(ctx, name, subject, hi+1, until)
		if err != nil || m.Seq == 0 {
			return e, err
		}
		e.readable = m
	}
}

// lastReadable returns the last readable message of a subject between two sequences, the zero one when there is none.
func (j *JetLog) lastReadable(ctx context.Context, name eventlog.Stream, subject string, from, until uint64) (last eventlog.Stored, err error) {
	const bytesMax = 4 << 20
	for from <= until {
		found, err := j.Read(ctx, name, subject, from, bytesMax)
		if err != nil {
			return last, err
		}
		for _, m := range found {
			if m.Seq > until {
				return last, nil
			}
			last = m
		}
		if len(found) == 0 {
			return last, nil
		}
		from = last.Seq + 1
	}
	return last, nil
}
