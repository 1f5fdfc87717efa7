package jetlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/eventlog/jetlog"
	"penstock/internal/workspace"
	"penstock/internal/workspace/kvtest"
)

func TestKV(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) workspace.KV {
		t.Helper()
		p := &place{dir: t.TempDir()}
		p.Open(t)
		t.Cleanup(func() { p.Close(t) })
		kv, err := p.store.KV(t.Context(), "workspace")
		if err != nil {
			t.Fatal(err)
		}
		return kv
	})
}

// A bucket that moves takes its entries along, as they are rewritten; nothing of it is left on the disk, and revisions go on.
func TestMove(t *testing.T) {
	dir := t.TempDir()
	log, err := jetlog.Open(t.Context(), jetlog.DefaultConfig(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() }) // closed below; this is for a test that fails before
	old, err := log.KV(t.Context(), "old")
	if err != nil {
		t.Fatal(err)
	}
	var last uint64
	for i := range 40 {
		if last, err = old.Put(t.Context(), fmt.Sprintf("k%d", i), []byte("plain-text-to-be-gone"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Delete(t.Context(), "k0", 1); err != nil {
		t.Fatal(err)
	}
	rewrite := func(key string, _ []byte) ([]byte, error) { return []byte("new " + key), nil }
	broken := errors.New("it was broken off")
	err = log.Move(t.Context(), "old", "new", func(key string, value []byte) ([]byte, error) {
		if key == "k9" {
			return nil, broken
		}
		return rewrite(key, value)
	})
	if !errors.Is(err, broken) {
		t.Fatalf("move: %v", err)
	}
	for range 2 { // the second has nothing to do
		if err := log.Move(t.Context(), "old", "new", rewrite); err != nil {
			t.Fatal(err)
		}
	}
	moved, err := log.KV(t.Context(), "new")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	err = moved.Watch(ctx, func(e workspace.Entry) {
		switch {
		case e.Synced:
			cancel()
		case string(e.Value) != "new "+e.Key || e.Revision <= last:
			t.Errorf("%s: %q at %d, want a revision beyond %d", e.Key, e.Value, e.Revision, last)
		default:
			n++
		}
	})
	if !errors.Is(err, context.Canceled) || n != 39 {
		t.Errorf("%d entries have moved (%v), want 39", n, err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("plain-text")) {
			t.Errorf("%s still holds what was moved", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
