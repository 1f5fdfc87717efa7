package eventlog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"penstock/internal/record"
)

// rewrites knows which frames of a stream were replaced. The frames themselves are in the store, each under a subject that names the place.
type rewrites struct {
	mu  sync.Mutex
	all []place       // in order
	n   atomic.Uint64 // grows with each rewrite, also of a frame that was rewritten before
}

// place is where a frame lies that was replaced.
type place struct {
	seq     uint64
	subject string
}

// span is a run of sequences: from the first to before the second.
type span struct{ from, to uint64 }

func (p place) stored() string {
	return rewrittenPrefix + p.subject + "." + strconv.FormatUint(p.seq, 10)
}

func bySeq(p place, seq uint64) int { return cmp.Compare(p.seq, seq) }

func (r *rewrites) add(p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i, ok := slices.BinarySearchFunc(r.all, p.seq, bySeq); !ok {
		r.all = slices.Insert(r.all, i, p)
	}
}

func (r *rewrites) drop(p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i, ok := slices.BinarySearchFunc(r.all, p.seq, bySeq); ok {
		r.all = slices.Delete(r.all, i, i+1)
	}
}

// within lists the places in a span.
func (r *rewrites) within(s span) []place {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, _ := slices.BinarySearchFunc(r.all, s.from, bySeq)
	to, _ := slices.BinarySearchFunc(r.all, max(s.to, s.from), bySeq)
	return slices.Clone(r.all[from:to])
}

// before is the last place of a subject that lies between two sequences, both left out; false when there is none.
func (r *rewrites) before(subject string, after, before uint64) (place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := len(r.all)
	if before > 0 {
		i, _ = slices.BinarySearchFunc(r.all, before, bySeq)
	}
	for i--; i >= 0 && r.all[i].seq > after; i-- {
		if r.all[i].subject == subject {
			return r.all[i], true
		}
	}
	return place{}, false
}

// Rewrites is a number that grows whenever a frame of a stream is rewritten: whoever keeps lines in memory has to read them again then.
func (l *Log) Rewrites(name Stream) uint64 { return l.streams[name].rewrites.n.Load() }

// learnRewrites finds out which frames of a stream were replaced.
func (l *Log) learnRewrites(ctx context.Context, s *stream) error {
	subjects, err := l.store.Subjects(ctx, s.name, rewrittenPrefix+">")
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		dot := strings.LastIndexByte(subject, '.')
		seq, err := strconv.ParseUint(subject[dot+1:], 10, 64)
		if err != nil {
			return fmt.Errorf("read subject %s: %w", subject, err)
		}
		if p := (place{seq, subject[len(rewrittenPrefix):dot]}); len(s.rewrites.within(span{seq, seq + 1})) == 0 {
			s.rewrites.add(p)
			s.rewrites.n.Add(1)
		}
	}
	return nil
}

// Rewrite replaces lines of the frame at a sequence: change returns what is to stand in the place of a line, or the line itself. It returns how many
// lines it has changed. All that names a line stays as it is; readers get the new lines once they are durable, and then the bytes of the old ones are
// overwritten. Broken off in between, it leaves that to EraseReplaced.
func (l *Log) Rewrite(ctx context.Context, name Stream, seq uint64, change func(line []byte) []byte) (changed int, err error) {
	l.takingOut.Lock()
	defer l.takingOut.Unlock()
	c, err := l.Chunk(ctx, name, seq)
	if err != nil {
		return 0, err
	}
	var body []byte
	for _, line := range record.Lines(c.Body) {
		next := change(line)
		if !bytes.Equal(next, line) {
			changed++
		}
		body = append(append(body, next...), '\n')
	}
	if changed == 0 {
		return 0, nil
	}
	last, err := l.lastBefore(ctx, name, c.Subject, 0)
	if err != nil {
		return 0, err
	}
	if last.Seq == seq { // the end of a chain stays where it is
		if _, err := l.endBehind(ctx, name, last); err != nil {
			return 0, err
		}
	}
	c.Body = body
	return changed, l.replace(ctx, name, c)
}

// replace stores a frame that takes the place of the one with its sequence, and erases that one.
func (l *Log) replace(ctx context.Context, name Stream, c Chunk) error {
	s, p := l.streams[name], place{c.Seq, c.Subject}
	lines := record.AppendRewritten(nil, &c.Header, c.Body)
	r := &request{subject: p.stored(), kind: record.KindRewritten, lines: make([]Line, len(lines)), whole: true}
	for i, line := range lines {
		r.lines[i].Data = line
	}
	if _, err := l.append(ctx, name, r); err != nil {
		return err
	}
	s.rewrites.add(p)
	s.tail.replace(c)
	s.rewrites.n.Add(1) // who sees this reads the new one
	return l.eraseReplaced(ctx, s, p)
}

// EraseReplaced overwrites what is still there of frames that were replaced. It is to be called at start, if a Rewrite may have been broken off.
func (l *Log) EraseReplaced(ctx context.Context, name Stream) error {
	l.takingOut.Lock()
	defer l.takingOut.Unlock()
	s := l.streams[name]
	for _, p := range s.rewrites.within(span{0, l.Last(name) + 1}) {
		if err := l.eraseReplaced(ctx, s, p); err != nil {
			return err
		}
	}
	return nil
}

// eraseReplaced overwrites a frame that was replaced, and the frames that replaced it before the newest.
func (l *Log) eraseReplaced(ctx context.Context, s *stream, p place) error {
	if _, err := l.store.Get(ctx, s.name, p.seq); !errors.Is(err, ErrNotFound) {
		if err := errors.Join(err, l.store.Erase(ctx, s.name, p.seq)); err != nil {
			return fmt.Errorf("erase %s at %d: %w", s.name, p.seq, err)
		}
	}
	newest, err := l.store.Before(ctx, s.name, p.stored(), 0)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase %s at %d: %w", s.name, p.seq, err)
	}
	return l.wipe(ctx, s.name, p.stored(), newest.Seq)
}

// Wipe is Prune for records that must leave nothing on the disk: their bytes are overwritten.
func (l *Log) Wipe(ctx context.Context, name Stream, subject string, before uint64) error {
	l.takingOut.Lock()
	defer l.takingOut.Unlock()
	err := l.wipe(ctx, name, subject, before)
	l.streams[name].tail.forget(before)
	return err
}

func (l *Log) wipe(ctx context.Context, name Stream, subject string, before uint64) error {
	for {
		m, err := l.store.Before(ctx, name, subject, before)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err = errors.Join(err, l.store.Erase(ctx, name, m.Seq)); err != nil {
			return fmt.Errorf("wipe %s: %w", subject, err)
		}
	}
}

// dropRewrites removes the frames that replaced those of a subject before a sequence.
func (l *Log) dropRewrites(ctx context.Context, s *stream, subject string, before uint64) error {
	for _, p := range s.rewrites.within(span{0, before}) {
		if p.subject != subject {
			continue
		}
		if err := l.store.Purge(ctx, s.name, p.stored(), l.Last(s.name)+1); err != nil {
			return fmt.Errorf("shorten %s: %w", subject, err)
		}
		s.rewrites.drop(p)
	}
	return nil
}

// replacement reads the frame that replaced one.
func (l *Log) replacement(ctx context.Context, name Stream, p place) (Stored, error) {
	m, err := l.store.Before(ctx, name, p.stored(), 0)
	if err != nil {
		return Stored{}, err
	}
	_, body, err := record.DecodeFrame(m.Data)
	if err != nil {
		return Stored{}, ErrNotFound // it has rotted: a hole
	}
	h, body, err := record.DecodeRewritten(body)
	if err != nil {
		return Stored{}, ErrNotFound
	}
	return Stored{Seq: p.seq, Subject: p.subject, Data: record.AppendFrame(nil, &h, body)}, nil
}

// replaced puts the frames that replaced others in their places among those of a span that the store has given. Where that makes it too much, the
// span ends earlier: next is where it ends.
func (l *Log) replaced(ctx context.Context, s *stream, filter string, found []Stored, within span) (all []Stored, next uint64, err error) {
	places := slices.DeleteFunc(s.rewrites.within(within), func(p place) bool { return !Matches(filter, p.subject) })
	if len(places) == 0 {
		return found, within.to, nil
	}
	size := 0
	for _, p := range places {
		for len(found) > 0 && found[0].Seq < p.seq {
			all, found = append(all, found[0]), found[1:]
		}
		if len(found) > 0 && found[0].Seq == p.seq {
			found = found[1:] // it was not erased yet
		}
		m, err := l.replacement(ctx, s.name, p)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, within.from, err
		}
		all = append(all, m)
		if size += len(m.Data); size > readBytesMax {
			return all, p.seq + 1, nil
		}
	}
	return append(all, found...), within.to, nil
}

// get is the message at a sequence, or the one that replaced it.
func (l *Log) get(ctx context.Context, name Stream, seq uint64) (Stored, error) {
	if p := l.streams[name].rewrites.within(span{seq, seq + 1}); len(p) > 0 {
		return l.replacement(ctx, name, p[0])
	}
	return l.store.Get(ctx, name, seq)
}

// before is the last readable message of a subject before a sequence, as Store.Before has it, with what was replaced.
func (l *Log) before(ctx context.Context, name Stream, subject string, before uint64) (Stored, error) {
	m, err := l.store.Before(ctx, name, subject, before)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return m, err
	}
	for {
		p, ok := l.streams[name].rewrites.before(subject, max(m.Seq, 1)-1, before)
		if !ok {
			return m, err
		}
		replaced, missing := l.replacement(ctx, name, p)
		if !errors.Is(missing, ErrNotFound) {
			return replaced, missing
		}
		before = p.seq
	}
}
