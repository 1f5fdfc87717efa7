package workspace

import (
	"context"
	"errors"
	"fmt"
)

// ApplyOptions says how Apply goes about it.
type ApplyOptions struct {
	// Prune removes what the file does not name. Default: it is left alone.
	Prune bool
	// DryRun plans, and changes nothing.
	DryRun bool
}

// conflictsMax is how often a plan is made anew because somebody else changed the workspace meanwhile.
const conflictsMax = 8

// Apply makes the workspace equal to what the file names, and returns what it did once this process's own Snapshot and the fences on EVENTS say so.
// A file that does not hold up changes nothing; the error is then an *InvalidError.
func (s *Store) Apply(ctx context.Context, f *File, opts ApplyOptions) (*Plan, error) {
	edit := func(e *Edit) error {
		e.file(f, opts)
		return nil
	}
	if opts.DryRun {
		return s.Preview(ctx, edit)
	}
	return s.Edit(ctx, edit)
}

// Edit carries out what edit plans, and returns what it did once this process's own Snapshot and the fences on EVENTS say so. When somebody else has changed the
// workspace meanwhile, edit is called again, with a newer Snapshot. An error of edit changes nothing, and is returned as it is; what edit found wrong is an *InvalidError.
func (s *Store) Edit(ctx context.Context, edit func(*Edit) error) (*Plan, error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	snapshot, err := s.await(ctx, func(*Snapshot) bool { return true })
	if err != nil {
		return nil, err
	}
	done := &Plan{Changes: []Change{}}
	for range conflictsMax {
		plan, err := s.plan(snapshot, edit)
		if err != nil {
			return nil, err
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
				return nil, fmt.Errorf("change workspace: it is stored, but what is delivered has not followed; do it again: %w", err)
			}
			return done, nil
		}
	}
	return nil, fmt.Errorf("change workspace: %w, %d times in a row; try again", ErrConflict, conflictsMax)
}

// Preview is Edit, but changes nothing; the plan knows both what is there and what would be.
func (s *Store) Preview(ctx context.Context, edit func(*Edit) error) (*Plan, error) {
	snapshot, err := s.await(ctx, func(*Snapshot) bool { return true })
	if err != nil {
		return nil, err
	}
	return s.plan(snapshot, edit)
}

// plan says what it takes to carry an edit out.
func (s *Store) plan(now *Snapshot, edit func(*Edit) error) (*Plan, error) {
	e := newEdit(now, s.catalog)
	if err := edit(e); err != nil {
		return nil, err
	}
	return e.finish()
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
