package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"penstock/internal/record"
)

// Line is one line to be appended: one JSON text without a newline. ID is an event's messageId, and is looked at in EVENTS only. Data must not
// be touched after Append was called, whatever that returned.
type Line struct {
	ID   string
	Data []byte
}

// Seen is an event that the index of seen ids learns of.
type Seen struct {
	Source string // the subject's last token
	ID     string
	At     record.Position
	Millis int64
	Repeat bool // the id was seen before, at an earlier position
}

// Index knows which messageIds were seen. It follows EVENTS: Note is called after each commit, in order, and stores the ids together with
// the sequence up to which it followed.
type Index interface {
	First(source, id string, sinceMillis int64) (record.Position, bool)
	Note(upTo uint64, entries []Seen) error
}

// Config is what an operator may set.
type Config struct {
	// Window is how long a messageId counts as seen. Default 24 h.
	Window time.Duration
	// QueueBytesMax bounds the lines that wait for a commit, in bytes, for each stream; beyond it Append answers ErrBusy. Default 64 MiB.
	QueueBytesMax int64
	// CacheBytesMax bounds the frames of a stream that are kept in memory for readers at the tail, in bytes. Default 32 MiB.
	CacheBytesMax int
	// AppendTimeout is how long an append whose answer does not come is repeated before its callers get an error. Default 20 s.
	AppendTimeout time.Duration
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{Window: 24 * time.Hour, QueueBytesMax: 64 << 20, CacheBytesMax: 32 << 20, AppendTimeout: 20 * time.Second}
}

// ErrBusy means that more waits to be committed than may. Nothing was stored; come again.
var ErrBusy = errors.New("log is busy: too much waits to be committed")

// Log is the three streams. Its appends are carried out by Run.
type Log struct {
	store   Store
	cfg     Config
	logger  *slog.Logger
	streams map[Stream]*stream

	takingOut sync.Mutex // held by the one who removes or rewrites frames
}

// stream is what a Log knows about one stream.
type stream struct {
	name     Stream
	queue    chan *request
	closed   chan struct{} // once the committer has ended
	began    int64         // time of the last frame when the stream was opened, ms since 1970
	waiting  atomic.Int64  // bytes
	tail     *tail
	index    Index // of seen ids; nil in all but EVENTS
	rewrites *rewrites
	removals atomic.Uint64    // how often frames were removed
	heads    map[string]*head // the end of each subject's chain; the committer's own
}

// changes grows whenever frames that a reader may have taken were rewritten or removed.
func (s *stream) changes() uint64 { return s.rewrites.n.Load() + s.removals.Load() }

// New makes a Log over store. It reads where each stream stands; nothing is appended until Run.
func New(ctx context.Context, store Store, cfg Config, logger *slog.Logger) (*Log, error) {
	l := &Log{store: store, cfg: cfg, logger: logger, streams: map[Stream]*stream{}}
	for name := range Streams() {
		last, err := store.Last(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("open stream %s: %w", name, err)
		}
		at, err := timeOf(ctx, store, name, last)
		if err != nil {
			return nil, fmt.Errorf("open stream %s: %w", name, err)
		}
		l.streams[name] = &stream{
			name:     name,
			began:    at,
			queue:    make(chan *request, queueLen),
			closed:   make(chan struct{}),
			tail:     newTail(last, cfg.CacheBytesMax),
			rewrites: &rewrites{},
			heads:    map[string]*head{},
		}
		if err := l.learnRewrites(ctx, l.streams[name]); err != nil {
			return nil, fmt.Errorf("open stream %s: %w", name, err)
		}
	}
	return l, nil
}

// timeOf is the time of the last frame of a stream, in ms since 1970; 0 where it has none that can be read.
func timeOf(ctx context.Context, store Store, name Stream, last uint64) (int64, error) {
	found, err := store.Read(ctx, name, ">", max(last, 1), 1)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	if h, _, err := record.DecodeFrame(found[0].Data); !errors.Is(err, record.ErrHeader) {
		return h.At, nil
	}
	return 0, nil
}

// SetIndex gives the Log the index of seen ids for EVENTS. It must have followed the stream to its end, and the call comes before Run.
func (l *Log) SetIndex(x Index) { l.streams[Events].index = x }

// Run commits what is appended until ctx ends, then what still waits, and returns. Appends after that answer ErrClosed.
func (l *Log) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, s := range l.streams {
		wg.Go(func() { (&committer{log: l, stream: s, lastAt: s.began}).run(ctx) })
		if advanced := l.store.Advanced(s.name); advanced != nil {
			wg.Go(func() { l.follow(ctx, s, advanced) })
		}
	}
	wg.Wait()
	return nil
}

// follow learns of what other processes store.
func (l *Log) follow(ctx context.Context, s *stream, advanced <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-advanced:
		}
		last, err := l.store.Last(ctx, s.name)
		if err != nil {
			if ctx.Err() == nil {
				l.logger.LogAttrs(ctx, slog.LevelWarn, "read end of stream", slog.String("stage", "eventlog"), slog.String("stream", string(s.name)), slog.Any("error", err))
			}
			continue
		}
		if err := l.learnRewrites(ctx, s); err != nil && ctx.Err() == nil {
			l.logger.LogAttrs(ctx, slog.LevelWarn, "read what was rewritten", slog.String("stage", "eventlog"), slog.String("stream", string(s.name)), slog.Any("error", err))
		}
		s.tail.advance(last)
	}
}

// Last is the sequence of the stream's last frame that this process knows of.
func (l *Log) Last(name Stream) uint64 { return l.streams[name].tail.last() }

// Get returns one line by its position.
func (l *Log) Get(ctx context.Context, name Stream, p record.Position) ([]byte, error) {
	c, err := l.Chunk(ctx, name, p.Seq)
	if err != nil {
		return nil, err
	}
	line := record.Line(c.Body, p.Line)
	if line == nil {
		return nil, fmt.Errorf("read %s at %s: %w", name, p, ErrNotFound)
	}
	return line, nil
}

// Chunk returns the frame at a sequence.
func (l *Log) Chunk(ctx context.Context, name Stream, seq uint64) (Chunk, error) {
	if c, ok := l.streams[name].tail.at(seq); ok && !isOwn(c.Subject) {
		return c, nil
	}
	m, err := l.get(ctx, name, seq)
	if err == nil && isOwn(m.Subject) {
		err = ErrNotFound
	}
	if err != nil {
		return Chunk{}, fmt.Errorf("read %s at %d: %w", name, seq, err)
	}
	h, body, err := record.DecodeFrame(m.Data)
	if err != nil {
		return Chunk{}, fmt.Errorf("read %s at %d: %w", name, seq, err)
	}
	return Chunk{Seq: seq, Subject: m.Subject, Header: h, Body: body}, nil
}

// Head returns the header of the last readable frame of a subject, and its sequence; the zero Header when it has none.
func (l *Log) Head(ctx context.Context, name Stream, subject string) (record.Header, uint64, error) {
	c, err := l.lastBefore(ctx, name, subject, 0)
	return c.Header, c.Seq, err
}

// LastOf returns the last frame of a subject before a sequence (0: no bound) that is whole; false when there is none.
func (l *Log) LastOf(ctx context.Context, name Stream, subject string, before uint64) (Chunk, bool, error) {
	for {
		c, err := l.lastBefore(ctx, name, subject, before)
		if err != nil || c.Seq == 0 || c.Body != nil {
			return c, err == nil && c.Seq > 0, err
		}
		before = c.Seq
	}
}

// lastBefore returns the last frame of a subject before a sequence (0: no bound) whose header can be read; the zero Chunk when there is none.
func (l *Log) lastBefore(ctx context.Context, name Stream, subject string, before uint64) (Chunk, error) {
	for {
		m, err := l.before(ctx, name, subject, before)
		if errors.Is(err, ErrNotFound) {
			return Chunk{}, nil
		}
		if err != nil {
			return Chunk{}, fmt.Errorf("read end of %s: %w", subject, err)
		}
		h, body, err := record.DecodeFrame(m.Data)
		if !errors.Is(err, record.ErrHeader) {
			return Chunk{Seq: m.Seq, Subject: subject, Header: h, Body: body}, nil
		}
		before = m.Seq
	}
}

// headBefore is where a subject's chain stood before a sequence (0: now). Where nothing of it is there, it stands where it was shortened to.
func (l *Log) headBefore(ctx context.Context, name Stream, subject string, before uint64) (head, error) {
	c, err := l.lastBefore(ctx, name, subject, before)
	if err != nil {
		return head{}, err
	}
	if c.Seq > 0 {
		return head{seq: c.Seq, n: c.Header.N, total: c.Header.Total(), bytes: c.Header.Bytes + uint64(len(c.Body)), at: c.Header.At}, nil
	}
	if isOwn(subject) {
		return head{}, nil
	}
	kept, err := l.Kept(ctx, name, subject)
	if before == 0 {
		return head{n: kept.N, total: kept.Lines, bytes: kept.Bytes, at: kept.At}, err
	}
	return head{}, err
}

// unreadable tells whether there is no frame at a sequence, or none whose header can be read.
func (l *Log) unreadable(ctx context.Context, name Stream, seq uint64) (bool, error) {
	m, err := l.store.Get(ctx, name, seq)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s at %d: %w", name, seq, err)
	}
	_, _, err = record.DecodeFrame(m.Data)
	return errors.Is(err, record.ErrHeader), nil
}

// Seek returns the sequence from which a reader finds the first frame of the stream that was committed at or after a time (ms since 1970); the one
// after the last when there is none.
func (l *Log) Seek(ctx context.Context, name Stream, millis int64) (uint64, error) {
	lo, hi := uint64(1), l.Last(name)+1
	for lo < hi {
		mid := lo + (hi-lo)/2
		found, err := l.store.Read(ctx, name, ">", mid, 1)
		if err != nil {
			return 0, fmt.Errorf("seek in %s: %w", name, err)
		}
		if len(found) == 0 || found[0].Seq >= hi {
			hi = mid
			continue
		}
		h, _, err := record.DecodeFrame(found[0].Data)
		switch {
		case errors.Is(err, record.ErrHeader) || h.At < millis:
			lo = found[0].Seq + 1
		default:
			hi = mid
		}
	}
	return lo, nil
}
