package retain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Log is what retain needs of eventlog.Log.
type Log interface {
	Subjects(ctx context.Context, name eventlog.Stream, filter string) ([]string, error)
	Kept(ctx context.Context, name eventlog.Stream, subject string) (record.Kept, error)
	FirstOf(ctx context.Context, name eventlog.Stream, subject string, from uint64) (eventlog.Chunk, bool, error)
	LastOf(ctx context.Context, name eventlog.Stream, subject string, before uint64) (eventlog.Chunk, bool, error)
	Find(ctx context.Context, name eventlog.Stream, subject string, holds func(*record.Header) bool) (record.Header, uint64, error)
	Shorten(ctx context.Context, name eventlog.Stream, subject string, before uint64) (lines uint64, err error)
}

// Floor is up to where the log may be shortened, as one mapping has it: what lies before Events and Outcomes on the two streams was settled, and can be counted
// without it. Open is the sequence of EVENTS from which on the mapping owes something; math.MaxUint64: it owes nothing.
type Floor struct {
	Workspace, Source, Mapping string

	Events, Outcomes, Open uint64
}

// Ledger knows what is settled.
type Ledger interface {
	// Checkpoint makes the floors rise to what is settled now, by the second call at the latest.
	Checkpoint(ctx context.Context) error
	Floors(ctx context.Context) ([]Floor, error)
}

// Projection reads a stream, and has rows of it.
type Projection interface {
	// Position is the sequence up to which a stream was read.
	Position(stream eventlog.Stream) uint64
	// Forget removes the rows of what lay on a subject before a sequence.
	Forget(ctx context.Context, stream eventlog.Stream, subject string, before uint64) error
}

// Parts is what a Keeper works with.
type Parts struct {
	Log      Log
	Ledger   Ledger
	Snapshot func() *workspace.Snapshot
	// Projections read what is removed; each of the streams that it has.
	Projections map[eventlog.Stream][]Projection
	// Discard makes the mappings of a source (id) give up what is unsettled before a sequence of EVENTS.
	Discard func(ctx context.Context, source string, before uint64)
	// KeepIDs says for how many days messageIds are to be known.
	KeepIDs func(days int)
	Logger  *slog.Logger
}

// Config is what an operator may set: what holds for sources that say nothing else.
type Config struct {
	// Every is how often a round is made. Default 15 s.
	Every time.Duration
	// Days is how long events are kept. Default 7.
	Days int
	// Bytes is how much the events of a source may take, in bytes. Default 0: no bound but the disk.
	Bytes int64
	// BacklogHours is how long an event may wait for a mapping to settle it. Default 72.
	BacklogHours int
	// BacklogBytes is how much events may take that wait for that, in bytes. Default 8 GiB.
	BacklogBytes int64
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{Every: 15 * time.Second, Days: 7, BacklogHours: 72, BacklogBytes: 8 << 30}
}

// Keeper keeps the log.
type Keeper struct {
	parts  Parts
	cfg    Config
	logger *slog.Logger

	checkpointed time.Time // the ledger was asked for checkpoints then

	mu     sync.Mutex
	states map[string]State // by source id
}

// State is what is known of a source.
type State struct {
	Source string    // id
	Since  time.Time // the oldest event that is kept was stored then; zero: none is
	Bytes  int64     // that are kept
	Gone   uint64    // events that were removed, ever

	Backlog      time.Duration // age of the oldest event that some mapping has not settled
	BacklogBytes int64         // from that event on
	Share        float64       // of its limits; 1 is full
	Level        Level
}

// Level is how full a backlog is.
type Level int

// The levels.
const (
	LevelFine    Level = iota
	LevelHalf          // half of what may be held
	LevelNearly        // 80 % of it
	LevelFull          // nothing more is taken
	LevelDropped       // the oldest are being discarded
)

const (
	half    = 0.5
	nearly  = 0.8
	dayLong = 24 * time.Hour

	checkpointEvery = time.Minute // at most, on behalf of what could be removed then
)

// New makes a Keeper. The zero Config stands for the default one.
func New(parts Parts, cfg Config) *Keeper {
	if cfg == (Config{}) {
		cfg = DefaultConfig()
	}
	return &Keeper{parts: parts, cfg: cfg, logger: parts.Logger.With(slog.String("stage", "retain")), states: map[string]State{}}
}

// Run makes rounds until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	ticks := time.NewTicker(k.cfg.Every)
	defer ticks.Stop()
	for {
		if err := k.Round(ctx, time.Now()); err != nil && ctx.Err() == nil {
			k.logger.LogAttrs(ctx, slog.LevelError, "shorten the log", slog.Any("error", err))
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Full tells whether a source (id) takes no more events, since its backlog holds as much as it may.
func (k *Keeper) Full(source string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.states[source].Level == LevelFull
}

// States tells of all sources that have something on the log, in no order.
func (k *Keeper) States() []State {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]State, 0, len(k.states))
	for _, s := range k.states {
		all = append(all, s)
	}
	return all
}

// Round removes what is due at a time. What fails for one subject does not keep the others.
func (k *Keeper) Round(ctx context.Context, now time.Time) error {
	floors, err := k.parts.Ledger.Floors(ctx)
	if err != nil {
		return fmt.Errorf("read what is settled: %w", err)
	}
	if now.Sub(k.checkpointed) >= checkpointEvery && k.behind(floors) {
		k.checkpointed = now
		if err := k.parts.Ledger.Checkpoint(ctx); err != nil {
			return err
		}
		if floors, err = k.parts.Ledger.Floors(ctx); err != nil {
			return fmt.Errorf("read what is settled: %w", err)
		}
	}
	r := &round{Keeper: k, now: now, floors: floors, snapshot: k.parts.Snapshot()}
	err = errors.Join(r.sources(ctx), r.rejected(ctx), r.outcomes(ctx), r.received(ctx))
	if k.parts.KeepIDs != nil {
		k.parts.KeepIDs(r.days() + 1)
	}
	return err
}

// behind tells whether more is settled than checkpoints know of.
func (k *Keeper) behind(floors []Floor) bool {
	for _, f := range floors {
		if f.Open > f.Events {
			return true
		}
	}
	return false
}

// round is one round.
type round struct {
	*Keeper

	now      time.Time
	floors   []Floor
	snapshot *workspace.Snapshot
}

// limits is what holds for a source (id).
func (r *round) limits(source string) workspace.Retention {
	l := workspace.Retention{Days: r.cfg.Days, Bytes: r.cfg.Bytes, BacklogHours: r.cfg.BacklogHours, BacklogBytes: r.cfg.BacklogBytes}
	known := r.snapshot.Source(source)
	if known == nil || known.Retention == nil {
		return l
	}
	own := *known.Retention
	if own.Days == 0 {
		own.Days = l.Days
	}
	if own.Bytes == 0 {
		own.Bytes = l.Bytes
	}
	if own.BacklogHours == 0 {
		own.BacklogHours = l.BacklogHours
	}
	if own.BacklogBytes == 0 {
		own.BacklogBytes = l.BacklogBytes
	}
	return own
}

// days is the longest that any source is kept.
func (r *round) days() int {
	days := r.cfg.Days
	for _, s := range r.snapshot.Sources() {
		days = max(days, r.limits(s.ID).Days)
	}
	return days
}

// read is the sequence of a stream up to which all projections have read.
func (r *round) read(stream eventlog.Stream) uint64 {
	upTo := uint64(math.MaxUint64 - 1)
	for _, p := range r.parts.Projections[stream] {
		upTo = min(upTo, p.Position(stream))
	}
	return upTo
}

// parted is a subject in its parts.
func parted(subject string) (workspaceID, last string) {
	_, rest, _ := strings.Cut(subject, ".")
	workspaceID, last, _ = strings.Cut(rest, ".")
	return workspaceID, last
}

// each does something with each subject of a stream that matches a filter.
func (r *round) each(ctx context.Context, stream eventlog.Stream, filter string, do func(ctx context.Context, subject string) error) error {
	subjects, err := r.parts.Log.Subjects(ctx, stream, filter)
	if err != nil {
		return err
	}
	var errs []error
	for _, subject := range subjects {
		if err := do(ctx, subject); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", subject, err))
		}
	}
	return errors.Join(errs...)
}

// sources shortens the events of each source, and looks at its backlog.
func (r *round) sources(ctx context.Context) error {
	return r.each(ctx, eventlog.Events, "events.>", func(ctx context.Context, subject string) error {
		ws, source := parted(subject)
		settled := r.read(eventlog.Events) + 1
		open := uint64(math.MaxUint64)
		for _, f := range r.floors {
			if f.Workspace == ws && f.Source == source {
				settled, open = min(settled, f.Events), min(open, f.Open)
			}
		}
		limits := r.limits(source)
		if err := r.shorten(ctx, eventlog.Events, subject, r.due(&limits), settled); err != nil {
			return err
		}
		return r.watch(ctx, subject, source, open)
	})
}

// due says which frames are to go: those that are too old, and the oldest of those that are too much.
func (r *round) due(limits *workspace.Retention) rule {
	oldest := r.now.Add(-time.Duration(limits.Days) * dayLong).UnixMilli()
	return func(h *record.Header, end uint64) bool {
		return h.At < oldest || limits.Bytes > 0 && end-min(end, h.Bytes) > uint64(limits.Bytes)
	}
}

// rule tells whether a frame is to go; end is the bytes of its subject up to now.
type rule func(h *record.Header, end uint64) bool

// shorten removes the frames of a subject that a rule takes, as far as they may go.
func (r *round) shorten(ctx context.Context, stream eventlog.Stream, subject string, due rule, settled uint64) error {
	log := r.parts.Log
	kept, err := log.Kept(ctx, stream, subject)
	if err != nil {
		return err
	}
	first, ok, err := log.FirstOf(ctx, stream, subject, kept.Before)
	if err != nil || !ok || first.Seq >= settled {
		return err
	}
	last, ok, err := log.LastOf(ctx, stream, subject, 0)
	if err != nil || !ok {
		return err
	}
	end := last.Header.Bytes + uint64(len(last.Body))
	if !due(&first.Header, end) || first.Seq == last.Seq && last.Header.Lines == 0 {
		return nil
	}
	_, before, err := log.Find(ctx, stream, subject, func(h *record.Header) bool { return !due(h, end) })
	if err != nil {
		return err
	}
	before = min(before, settled)
	lines, err := log.Shorten(ctx, stream, subject, before)
	if err != nil || lines == 0 {
		return err
	}
	r.logger.LogAttrs(ctx, slog.LevelInfo, "log is shortened", slog.String("subject", subject), slog.Uint64("lines", lines), slog.Uint64("before", before))
	for _, p := range r.parts.Projections[stream] {
		if err := forget(ctx, p, stream, subject, before); err != nil {
			return err
		}
	}
	return nil
}

// forgetTimeout is for a projection that does not follow at the moment: it forgets with the next frames that are removed.
const forgetTimeout = 10 * time.Second

func forget(ctx context.Context, p Projection, stream eventlog.Stream, subject string, before uint64) error {
	ctx, cancel := context.WithTimeout(ctx, forgetTimeout)
	defer cancel()
	return p.Forget(ctx, stream, subject, before)
}

// rejected shortens what was not taken, by the limits of its source.
func (r *round) rejected(ctx context.Context) error {
	return r.each(ctx, eventlog.Events, "rejected.>", func(ctx context.Context, subject string) error {
		_, source := parted(subject)
		limits := r.limits(source)
		return r.shorten(ctx, eventlog.Events, subject, r.due(&limits), math.MaxUint64)
	})
}

// outcomes shortens the outcomes of each mapping to those that can speak of an event that is kept.
func (r *round) outcomes(ctx context.Context) error {
	var errs []error
	for _, f := range r.floors {
		if f.Source == "" || f.Outcomes == 0 {
			continue
		}
		events := "events." + f.Workspace + "." + f.Source
		kept, err := r.parts.Log.Kept(ctx, eventlog.Events, events)
		if err == nil && kept.Before > 0 {
			err = r.shorten(ctx, eventlog.Outcomes, "outcomes."+f.Workspace+"."+f.Mapping, func(h *record.Header, _ uint64) bool { return h.At < kept.At },
				min(f.Outcomes, r.read(eventlog.Outcomes)+1))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("outcomes of %s: %w", f.Mapping, err))
		}
	}
	return errors.Join(errs...)
}

// received shortens what apps have received.
func (r *round) received(ctx context.Context) error {
	return r.each(ctx, eventlog.Received, "received.>", func(ctx context.Context, subject string) error {
		_, app := parted(subject)
		months := workspace.AppMonthsMax
		if known := r.snapshot.App(app); known != nil && known.Retention != nil && known.Retention.Months > 0 {
			months = known.Retention.Months
		}
		oldest := r.now.AddDate(0, -months, 0).UnixMilli()
		return r.shorten(ctx, eventlog.Received, subject, func(h *record.Header, _ uint64) bool { return h.At < oldest }, r.read(eventlog.Received)+1)
	})
}
