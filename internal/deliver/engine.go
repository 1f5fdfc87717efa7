package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// Log is what delivery needs of eventlog.Log.
type Log interface {
	Append(ctx context.Context, name eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
	Read(name eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Get(ctx context.Context, name eventlog.Stream, p record.Position) ([]byte, error)
	Chunk(ctx context.Context, name eventlog.Stream, seq uint64) (eventlog.Chunk, error)
	LastOf(ctx context.Context, name eventlog.Stream, subject string, before uint64) (eventlog.Chunk, bool, error)
	Last(name eventlog.Stream) uint64
	Rewrites(name eventlog.Stream) uint64
}

// Engine runs a lane for each mapping that has a fence on the log.
type Engine struct {
	log     Log
	cfg     Config
	compile Compile
	logger  *slog.Logger

	mu    sync.Mutex
	lanes map[string]*lane // by mapping
}

// New makes an Engine. Nothing happens until Run.
func New(log Log, cfg Config, compile Compile, logger *slog.Logger) *Engine {
	return &Engine{log: log, cfg: cfg, compile: compile, logger: logger.With(slog.String("stage", "deliver")), lanes: map[string]*lane{}}
}

// Run delivers until ctx ends. Then it takes no more work, lets requests in flight finish for Config.StopTimeout, cancels the rest, writes the
// outcomes, and returns. The log must run until Run has returned.
func (e *Engine) Run(ctx context.Context) error {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	fences := e.log.Read(eventlog.Events, "fences.>", 1)
	var fresh []*lane // before the end of the log is reached, lanes only learn of their fences
	for ctx.Err() == nil {
		chunk, ok, err := fences.TryNext(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			e.logger.LogAttrs(ctx, slog.LevelError, "read fences", slog.Any("error", err))
			pause(ctx, again)
		case ok:
			fresh = append(fresh, e.learn(ctx, &chunk)...)
		default:
			for _, l := range fresh {
				lanes.Go(func() { e.run(ctx, l) })
			}
			fresh = nil
			select {
			case <-fences.Wait():
			case <-ctx.Done():
			}
		}
	}
	return nil
}

func (e *Engine) run(ctx context.Context, l *lane) {
	l.run(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.lanes, l.mapping)
}

// learn tells lanes of their fences, and returns those that are new.
func (e *Engine) learn(ctx context.Context, chunk *eventlog.Chunk) []*lane {
	e.mu.Lock()
	defer e.mu.Unlock()
	var fresh []*lane
	for fence := range fencesOf(ctx, chunk, e.logger) {
		l := e.lanes[fence.Mapping]
		if l == nil {
			l = e.newLane(chunk, &fence)
			e.lanes[fence.Mapping] = l
			fresh = append(fresh, l)
		}
		l.inbox.put(fold.Fence{Seq: chunk.Seq, Fence: fence})
	}
	return fresh
}

// fencesOf lists the fences of a frame.
func fencesOf(ctx context.Context, chunk *eventlog.Chunk, logger *slog.Logger) func(yield func(record.Fence) bool) {
	return func(yield func(record.Fence) bool) {
		for line, data := range record.Lines(chunk.Body) {
			var fence record.Fence
			if err := json.Unmarshal(data, &fence); err != nil {
				logger.LogAttrs(ctx, slog.LevelError, "decode fence", slog.Uint64("seq", chunk.Seq), slog.Int("line", line), slog.Any("error", err))
				continue
			}
			if !yield(fence) {
				return
			}
		}
	}
}

// Status is what one lane does at a moment.
type Status struct {
	Workspace, Source, Destination, Mapping string

	State     record.FenceState // of the newest fence
	Cursor    record.Position   // the first unsettled position
	InFlight  int               // requests
	Ready     int               // matched events that wait for a request to become free, or for their batch to be complete
	Unwritten int               // outcomes that are not durable yet
	Retries   int               // events that wait to be tried again
	Parked    *Parked           // nil: not parked
}

// Parked is why a lane is parked.
type Parked struct {
	Code, Reason string
	Since        time.Time
	NextProbe    time.Time
}

// Status tells of all lanes, in the order of their mappings' ids. Lanes that have not read their outcomes yet are left out when ctx ends.
func (e *Engine) Status(ctx context.Context) []Status {
	e.mu.Lock()
	lanes := make([]*lane, 0, len(e.lanes))
	for _, l := range e.lanes {
		lanes = append(lanes, l)
	}
	e.mu.Unlock()
	slices.SortFunc(lanes, func(a, b *lane) int { return cmp.Compare(a.mapping, b.mapping) })
	var all []Status
	for _, l := range lanes {
		if s, ok := l.ask(ctx); ok {
			all = append(all, s)
		}
	}
	return all
}

// newLane makes the lane of a mapping from its first fence.
func (e *Engine) newLane(chunk *eventlog.Chunk, fence *record.Fence) *lane {
	_, rest, _ := strings.Cut(chunk.Subject, ".") // fences.<workspace>.<source>
	workspace, source, _ := strings.Cut(rest, ".")
	l := &lane{
		log: e.log, cfg: e.cfg, compile: e.compile,
		logger:    e.logger.With(slog.String("mapping", fence.Mapping)),
		workspace: workspace, source: source, destination: fence.Destination, mapping: fence.Mapping,
		begin: chunk.Seq,
	}
	return l.ready()
}

// inbox is where the engine puts fences for a lane.
type inbox struct {
	mu     sync.Mutex
	fences []fold.Fence
	ready  chan struct{}
}

func (b *inbox) put(f fold.Fence) {
	b.mu.Lock()
	b.fences = append(b.fences, f)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) take() []fold.Fence {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.fences
	b.fences = nil
	return taken
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
