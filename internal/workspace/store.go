package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"penstock/internal/destination"
)

// Catalog finds the destinations that there are by type.
type Catalog interface {
	Lookup(typ string) (destination.Destination, bool)
}

// CatalogFunc makes a Catalog of a function.
type CatalogFunc func(typ string) (destination.Destination, bool)

// Lookup implements Catalog.
func (f CatalogFunc) Lookup(typ string) (destination.Destination, bool) { return f(typ) }

// Store follows the bucket, and changes it. Its Snapshot is nil until Ready.
type Store struct {
	kv      KV
	catalog Catalog
	fencer  *Fencer
	logger  *slog.Logger

	snapshot atomic.Pointer[Snapshot]
	ready    chan struct{} // closed once the first snapshot is there
	synced   sync.Once
	dirty    chan struct{} // holds a value when the table has changed since the last snapshot

	applying sync.Mutex // one Apply at a time

	mu       sync.Mutex
	table    *table
	revision uint64
	changed  chan struct{} // closed, and made anew, at each new snapshot
}

// Open makes a Store over a bucket. Nothing is read until Run.
func Open(kv KV, catalog Catalog, fencer *Fencer, logger *slog.Logger) *Store {
	return &Store{
		kv: kv, catalog: catalog, fencer: fencer, logger: logger,
		ready:   make(chan struct{}),
		dirty:   make(chan struct{}, 1),
		table:   newTable(),
		changed: make(chan struct{}),
	}
}

// Run follows the bucket until ctx ends, which is no error, or until the bucket cannot be watched any more.
func (s *Store) Run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.compile(watching) })
	err := s.kv.Watch(watching, func(e Entry) { s.take(ctx, e) })
	stop()
	wg.Wait()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("watch workspace: %w", err)
	}
	return nil
}

// Ready is closed once there is a Snapshot.
func (s *Store) Ready() <-chan struct{} { return s.ready }

// Snapshot is the newest one; it costs one atomic load.
func (s *Store) Snapshot() *Snapshot { return s.snapshot.Load() }

// take puts one report of the watch into the table.
func (s *Store) take(ctx context.Context, e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Synced {
		s.publish()
		s.synced.Do(func() { close(s.ready) })
		return
	}
	s.revision = max(s.revision, e.Revision)
	if err := s.table.set(e); err != nil {
		s.logger.LogAttrs(ctx, slog.LevelError, "workspace entry is not usable", slog.String("stage", "workspace"), slog.Any("error", err))
	}
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// compile makes a new snapshot of what has changed since the last one, however many changes that are.
func (s *Store) compile(ctx context.Context) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return
	}
	for {
		select {
		case <-s.dirty:
			s.mu.Lock()
			s.publish()
			s.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

// publish swaps in a snapshot of the table; s.mu is held.
func (s *Store) publish() {
	s.snapshot.Store(newSnapshot(s.table, s.revision))
	close(s.changed)
	s.changed = make(chan struct{})
}

// await returns the first snapshot from now on that satisfies seen.
func (s *Store) await(ctx context.Context, seen func(*Snapshot) bool) (*Snapshot, error) {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if snapshot := s.Snapshot(); snapshot != nil && seen(snapshot) {
			return snapshot, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the workspace: %w", context.Cause(ctx))
		}
	}
}

// Reconcile brings the fences on EVENTS to what the newest snapshot says. It is called once at start, before anything is accepted.
func (s *Store) Reconcile(ctx context.Context) error {
	snapshot, err := s.await(ctx, func(*Snapshot) bool { return true })
	if err != nil {
		return err
	}
	return s.fencer.Reconcile(ctx, snapshot)
}

// ApplyOptions says how Apply goes about it.
type ApplyOptions struct {
	// Prune removes what the file does not name. Default: it is left alone.
	Prune bool
	// RemoveApps are slugs of apps that go. One that the file names stays.
	RemoveApps []string
	// DryRun plans, and changes nothing.
	DryRun bool
}

// conflictsMax is how often a plan is made anew because somebody else changed the workspace meanwhile.
const conflictsMax = 8

// Apply makes the workspace equal to what the file names, and returns what it did once this process's own Snapshot and the fences on EVENTS say so.
// A file that does not hold up changes nothing; the error is then an *InvalidError.
func (s *Store) Apply(ctx context.Context, f *File, opts ApplyOptions) (*Plan, error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	snapshot, err := s.await(ctx, func(*Snapshot) bool { return true })
	if err != nil {
		return nil, err
	}
	done := &Plan{Changes: []Change{}}
	for range conflictsMax {
		plan, err := makePlan(snapshot, f, s.catalog, opts)
		if err != nil {
			return nil, err
		}
		if opts.DryRun {
			done.add(plan)
			done.Unchanged, done.Warnings = plan.Unchanged, plan.Warnings
			return done, nil
		}
		made, failed := s.carryOut(ctx, plan)
		done.add(made)
		if failed != nil && !errors.Is(failed, ErrConflict) {
			return nil, failed
		}
		revision := snapshot.Revision
		snapshot, err = s.await(ctx, func(now *Snapshot) bool { return made.seenBy(now) && (failed == nil || now.Revision > revision) })
		if err != nil {
			return nil, err
		}
		if failed == nil {
			done.Unchanged, done.Warnings = plan.Unchanged, plan.Warnings
			if err := s.fencer.Reconcile(ctx, snapshot); err != nil {
				return nil, fmt.Errorf("apply workspace: it is stored, but what is delivered has not followed; apply it again: %w", err)
			}
			return done, nil
		}
	}
	return nil, fmt.Errorf("apply workspace: %w, %d times in a row; try again", ErrConflict, conflictsMax)
}

// carryOut makes the changes of a plan in order, and returns those that were made.
func (s *Store) carryOut(ctx context.Context, plan *Plan) (*Plan, error) {
	made := &Plan{}
	for _, c := range plan.Changes {
		var err error
		if c.Op == OpDelete {
			err = s.kv.Delete(ctx, c.key, c.expect)
		} else {
			c.revision, err = s.kv.Put(ctx, c.key, c.value, c.expect)
		}
		if err != nil {
			return made, fmt.Errorf("%s %s %q: %w", c.Op, c.Kind, c.Name, err)
		}
		made.Changes = append(made.Changes, c)
	}
	return made, nil
}
