package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/access"
	"penstock/internal/audit"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/kvtest"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTrail makes a trail on a log in memory that runs.
func newTrail(t *testing.T) (*audit.Trail, *memlog.Store) {
	t.Helper()
	store := memlog.New()
	log, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error)
	go func() { done <- log.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return audit.New(log), store
}

func catalog() workspace.Catalog {
	h := hook{}
	h.definition.Settings = []destination.Field{{Key: "secret", Type: destination.TypePassword}}
	return workspace.CatalogFunc(func(typ string) (destination.Destination, bool) { return &h, typ == "hook" })
}

type hook struct{ definition destination.Definition }

func (h *hook) Definition() *destination.Definition { return &h.definition }

func (*hook) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{}
}

// by is a context in which somebody does something.
func by(ctx context.Context, name string) context.Context {
	return access.WithOrigin(access.With(ctx, access.Principal{Kind: access.User, ID: "id of " + name, Name: name, Role: access.Editor}), access.Origin{Address: "192.0.2.1", Agent: "curl/8"})
}

// told is a trail as text, the newest first.
func told(t *testing.T, trail *audit.Trail, f audit.Filter) []string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 1000
	}
	found, _, err := trail.Find(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, r := range found {
		who := "nobody"
		if r.Actor != nil {
			who = r.Actor.Name
		}
		text := fmt.Sprintf("%s: %s %s %s %s -> %s", who, r.Action, r.Kind, r.Name, r.Before, r.After)
		if r.Void != "" {
			text += " VOID"
		}
		all = append(all, text)
	}
	return all
}

// Under the trail a bucket is a bucket like others.
func TestKV(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) workspace.KV {
		t.Helper()
		trail, _ := newTrail(t)
		return audit.Wrap(memkv.New(), trail, catalog())
	})
}

func TestChangesAreInTheTrail(t *testing.T) {
	trail, _ := newTrail(t)
	kv := audit.Wrap(memkv.New(), trail, catalog())
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan workspace.Entry, 100)
	done := make(chan error)
	go func() { done <- kv.Watch(ctx, func(e workspace.Entry) { seen <- e }) }()
	const key = "default.destinations.d1"
	first, err := kv.Put(by(t.Context(), "Ada"), key, []byte(`{"slug":"sink","type":"hook","settings":{"secret":"the-very-secret-1234"}}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := kv.Put(by(t.Context(), "Bob"), key, []byte(`{"slug":"sink","type":"hook","settings":{"secret":"another-secret-5678"}}`), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(by(t.Context(), "Cyd"), key, []byte(`{"slug":"late"}`), first); !errors.Is(err, workspace.ErrConflict) {
		t.Fatalf("put at an old revision: %v", err)
	}
	if err := kv.Delete(by(t.Context(), "Ada"), key, second); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("watch ended with %v", err)
	}
	const one, two = `{"slug":"sink","type":"hook","settings":{"secret":"••••••••••1234"}}`, `{"slug":"sink","type":"hook","settings":{"secret":"••••••••••5678"}}`
	want := []string{
		"Ada: delete destination sink " + two + " -> ",
		`Cyd: update destination late  -> {"slug":"late"} VOID`,
		"Bob: update destination sink " + one + " -> " + two,
		"Ada: create destination sink  -> " + one,
	}
	if diff := cmp.Diff(want, told(t, trail, audit.Filter{})); diff != "" {
		t.Errorf("trail (-want +got):\n%s", diff)
	}
	found, _, err := trail.Find(t.Context(), audit.Filter{Limit: 1})
	if err != nil || found[0].Remote != "192.0.2.1" || found[0].Agent != "curl/8" || found[0].ID != "d1" || found[0].Actor.Role != "editor" {
		t.Errorf("newest: %+v, %v", found, err)
	}
}

// What cannot be written down is not done.
func TestNothingIsDoneUnrecorded(t *testing.T) {
	trail, store := newTrail(t)
	full := errors.New("the disk is full")
	store.Fault(func(eventlog.Stream, []eventlog.Message) error { return fmt.Errorf("%w: %w", eventlog.ErrFull, full) })
	bucket := memkv.New()
	if _, err := audit.Wrap(bucket, trail, catalog()).Put(t.Context(), "default.labels.l", []byte(`{}`), 0); !errors.Is(err, full) {
		t.Errorf("put: %v, want that the disk is full", err)
	}
	if _, err := bucket.Put(t.Context(), "default.labels.l", []byte(`{}`), 0); err != nil {
		t.Errorf("the entry was made: %v", err)
	}
}

func TestFind(t *testing.T) {
	trail, store := newTrail(t)
	const records = 50
	for i := range records {
		ctx, kind := by(t.Context(), "Ada"), "token"
		if i%2 == 0 {
			ctx, kind = by(t.Context(), "Bob"), "user"
		}
		if err := trail.Record(ctx, record.Audit{Action: audit.Create, Kind: kind, ID: fmt.Sprint(i), Name: fmt.Sprintf("n%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		filter audit.Filter
		want   int
	}{
		"all":         {audit.Filter{}, records},
		"by actor":    {audit.Filter{Actor: "ada"}, records / 2},
		"by actor id": {audit.Filter{Actor: "id of Ada"}, records / 2},
		"by kind":     {audit.Filter{Kind: "user"}, records / 2},
		"by name":     {audit.Filter{Name: "n7"}, 1},
		"by id":       {audit.Filter{Name: "7"}, 1},
		"by action":   {audit.Filter{Action: audit.Delete}, 0},
		"of both":     {audit.Filter{Actor: "Ada", Kind: "user"}, 0},
		"from now on": {audit.Filter{Since: time.Now().Add(time.Hour)}, 0},
		"until then":  {audit.Filter{Until: time.Now().Add(-time.Hour)}, 0},
		"today":       {audit.Filter{Since: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour)}, records},
	} {
		if got := told(t, trail, c.filter); len(got) != c.want {
			t.Errorf("%s: %d records, want %d", name, len(got), c.want)
		}
	}
	// Page by page it is the same, each record once.
	var paged []string
	f := audit.Filter{Limit: 7}
	for {
		found, next, err := trail.Find(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			paged = append(paged, r.Name)
		}
		if next.Seq == 0 {
			break
		}
		f.Before = next
	}
	var want []string
	for i := records - 1; i >= 0; i-- {
		want = append(want, fmt.Sprintf("n%d", i))
	}
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("paged (-want +got):\n%s", diff)
	}
	// What has rotted is no end.
	store.Damage(eventlog.Audit, 20, func([]byte) []byte { return nil })
	log, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got := told(t, audit.New(log), audit.Filter{}); len(got) != records-1 {
		t.Errorf("with a frame that rotted: %d records, want %d", len(got), records-1)
	}
}

// A record has a bound, whatever was changed.
func TestValuesAreBounded(t *testing.T) {
	trail, _ := newTrail(t)
	large := json.RawMessage(`"` + strings.Repeat("x", record.AuditValueBytesMax) + `"`)
	if err := trail.Record(t.Context(), record.Audit{Action: audit.Update, Kind: "mapping", Before: json.RawMessage(`1`), After: large}); err != nil {
		t.Fatal(err)
	}
	found, _, err := trail.Find(t.Context(), audit.Filter{Limit: 1})
	if err != nil || !found[0].TooLarge || found[0].After != nil || string(found[0].Before) != "1" {
		t.Errorf("found %+v, %v", found, err)
	}
}
