package workspace

import (
	"context"
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
	s.snapshot.Store(newSnapshot(s.table.clone(), s.revision))
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
