package analyze

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/workspace"
)

// wish is an entry of the bucket: what is wished for a visitor or an account of an app. What is excluded is counted nowhere, and comes back when it is not excluded any more; what is not
// processed is not taken in, from a place in the log to another.
type wish struct {
	App          string         `json:"app"` // id
	Kind         analytics.Kind `json:"kind"`
	ID           string         `json:"id"`
	Excluded     bool           `json:"excluded,omitempty"`
	DoNotProcess []span         `json:"doNotProcess,omitempty"`
	At           int64          `json:"at"` // when it was changed, ms since 1970

	revision uint64
}

// span is sequences of RECEIVED: those after After, up to UpTo; 0: without end.
type span struct {
	After uint64 `json:"after"`
	UpTo  uint64 `json:"upTo,omitempty"`
}

// processed tells whether what lies at a sequence is taken in.
func (f *wish) processed(seq uint64) bool {
	for _, s := range f.DoNotProcess {
		if seq > s.After && (s.UpTo == 0 || seq <= s.UpTo) {
			return false
		}
	}
	return true
}

// processes tells whether what comes now is taken in.
func (f *wish) processes() bool {
	n := len(f.DoNotProcess)
	return n == 0 || f.DoNotProcess[n-1].UpTo != 0
}

// flags is the bucket as it is.
type flags struct {
	mu       sync.RWMutex
	all      map[flagKey]wish
	revision uint64 // that was reached
	synced   chan struct{}
	once     sync.Once
	moved    signal
}

type flagKey struct {
	app  string
	kind analytics.Kind
	id   string
}

// key is the entry of the bucket.
func (k flagKey) key() string {
	sum := sha256.Sum256([]byte(k.app + "\x00" + string(k.kind) + "\x00" + k.id))
	return workspace.Default + ".people." + hex.EncodeToString(sum[:])
}

func (f *flags) init() {
	f.all, f.synced = map[flagKey]wish{}, make(chan struct{})
	f.moved.init()
}

func (f *flags) get(app string, k analytics.Kind, id string) (wish, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	v, ok := f.all[flagKey{app, k, id}]
	return v, ok
}

// list is all for whom something is wished in an app, the newest first.
func (f *flags) list(app string) []analytics.Exclusion {
	f.mu.RLock()
	defer f.mu.RUnlock()
	all := []analytics.Exclusion{}
	for k, w := range f.all {
		if flags := w.flags(); k.app == app && flags != (analytics.Flags{}) {
			all = append(all, analytics.Exclusion{Who: analytics.Who{Kind: k.kind, ID: k.id}, Flags: flags, At: timeOf(w.At)})
		}
	}
	slices.SortFunc(all, func(a, b analytics.Exclusion) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return all
}

// excluded tells whether someone is on the exclude list.
func (f *flags) excluded(app string, k kind, id string) bool {
	v, ok := f.get(app, k.name(), id)
	return ok && v.Excluded
}

// unwanted tells whether a call is of someone who is not to be processed.
func (f *flags) unwanted(c *call) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if len(f.all) == 0 {
		return false
	}
	v, a := f.all[flagKey{c.appID, analytics.KindVisitor, c.Visitor}], f.all[flagKey{c.appID, analytics.KindAccount, c.Account}]
	return !v.processed(c.Seq) || !a.processed(c.Seq)
}

func (k kind) name() analytics.Kind {
	if k == account {
		return analytics.KindAccount
	}
	return analytics.KindVisitor
}

// watchFlags follows the bucket until ctx ends.
func (a *Analyzer) watchFlags(ctx context.Context) {
	if a.Flags == nil {
		close(a.flags.synced)
		return
	}
	for !stopped(ctx) {
		err := a.Flags.Watch(ctx, a.learn)
		if !stopped(ctx) {
			a.Logger.LogAttrs(ctx, slog.LevelError, "exclude list is not followed, trying again", slog.String("stage", "analyze"), slog.Any("error", err))
			pause(ctx, a.cfg.RetryAfter)
		}
	}
}

// learn takes in a change of the bucket.
func (a *Analyzer) learn(e workspace.Entry) {
	f := &a.flags
	if e.Synced {
		f.once.Do(func() { close(f.synced) })
		return
	}
	var v wish
	if e.Deleted || json.Unmarshal(e.Value, &v) != nil {
		return // nothing here deletes; and what cannot be read is of a later version
	}
	v.revision = e.Revision
	f.mu.Lock()
	f.all[flagKey{v.App, v.Kind, v.ID}] = v
	f.revision = max(f.revision, e.Revision)
	f.mu.Unlock()
	f.moved.give()
}

// errNoFlags is for an Analyzer that was made without a bucket.
var errNoFlags = errors.New("there is no exclude list here")

// SetFlags changes what is wished for someone, and returns once every answer follows it.
func (a *Analyzer) SetFlags(ctx context.Context, app string, who analytics.Who, change analytics.FlagChange) (analytics.Flags, error) {
	if a.Flags == nil {
		return analytics.Flags{}, errNoFlags
	}
	now, _ := a.flags.get(app, who.Kind, who.ID)
	now.App, now.Kind, now.ID, now.At = app, who.Kind, who.ID, time.Now().UnixMilli()
	if change.Excluded != nil {
		now.Excluded = *change.Excluded
	}
	last := a.Log.Last(eventlog.Received)
	switch n := len(now.DoNotProcess); {
	case change.DoNotProcess == nil || *change.DoNotProcess == !now.processes():
	case *change.DoNotProcess:
		now.DoNotProcess = append(now.DoNotProcess[:n:n], span{After: last})
	default:
		now.DoNotProcess = append([]span{}, now.DoNotProcess...)
		now.DoNotProcess[n-1].UpTo = last
	}
	value, err := json.Marshal(now)
	if err != nil {
		return analytics.Flags{}, fmt.Errorf("set flags: %w", err)
	}
	revision, err := a.Flags.Put(ctx, flagKey{app, who.Kind, who.ID}.key(), value, now.revision)
	if errors.Is(err, workspace.ErrConflict) {
		return analytics.Flags{}, analytics.ErrConflict
	}
	if err != nil {
		return analytics.Flags{}, fmt.Errorf("set flags: %w", err)
	}
	if err := a.learnt(ctx, revision); err != nil {
		return analytics.Flags{}, fmt.Errorf("wait for flags: %w", err)
	}
	if err := a.command(ctx, a.applyFlags); err != nil {
		return analytics.Flags{}, fmt.Errorf("apply flags: %w", err)
	}
	return now.flags(), nil
}

func (f *wish) flags() analytics.Flags {
	return analytics.Flags{Excluded: f.Excluded, DoNotProcess: !f.processes()}
}

// learnt waits until a revision of the bucket has been learnt of.
func (a *Analyzer) learnt(ctx context.Context, revision uint64) error {
	for {
		wake := a.flags.moved.wait()
		a.flags.mu.RLock()
		there := a.flags.revision >= revision
		a.flags.mu.RUnlock()
		if there {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// DoNotProcess tells whether nothing is to be known of a visitor of an app (id).
func (a *Analyzer) DoNotProcess(app, visitor string) bool {
	v, _ := a.flags.get(app, analytics.KindVisitor, visitor)
	return !v.processes()
}
