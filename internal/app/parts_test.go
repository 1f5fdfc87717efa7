package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPartsStopInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		p := newParts(slog.New(slog.DiscardHandler))
		p.opened("storage", func() error { order = append(order, "storage"); return nil })
		for _, name := range []string{"log", "server"} {
			p.run(t.Context(), name, func(ctx context.Context) error {
				<-ctx.Done()
				order = append(order, name)
				return ctx.Err()
			})
		}
		synctest.Wait()
		if err := p.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"server", "log", "storage"}; !slices.Equal(order, want) {
			t.Errorf("order of stopping: got %v, want %v", order, want)
		}
		if err := p.stop(t.Context()); err != nil {
			t.Errorf("stop a second time: %v", err)
		}
	})
}

func TestPartsOutliveTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := newParts(slog.New(slog.DiscardHandler))
		running := true
		p.run(ctx, "log", func(ctx context.Context) error {
			<-ctx.Done()
			running = false
			return nil
		})
		cancel()
		synctest.Wait()
		if !running {
			t.Error("a part ended before it was stopped in its turn")
		}
		if err := p.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPartThatEndsByItselfIsReported(t *testing.T) {
	broken := errors.New("disk is gone")
	p := newParts(slog.New(slog.DiscardHandler))
	p.run(t.Context(), "log", func(context.Context) error { return broken })
	if err := <-p.failed; !errors.Is(err, broken) || !strings.Contains(err.Error(), "log") {
		t.Errorf("failed: got %v, want it to name the part and the cause", err)
	}
	if err := p.stop(t.Context()); !errors.Is(err, broken) {
		t.Errorf("stop: got %v, want %v", err, broken)
	}
}

func TestAdminToken(t *testing.T) {
	dir := t.TempDir()
	first, made, err := adminToken(dir, "")
	if err != nil || made == "" {
		t.Fatalf("first start: got token %q, error %v", made, err)
	}
	if err := keepToken(dir, first); err != nil {
		t.Fatal(err)
	}
	again, shown, err := adminToken(dir, "")
	if err != nil || shown != "" || again != first {
		t.Errorf("second start: got token %q, same hash %v, error %v; want the same token, not shown", shown, again == first, err)
	}
	given, shown, err := adminToken(dir, made)
	if err != nil || shown != "" || given != first {
		t.Errorf("given the token that was made: got another hash, or it was shown (%q), or error %v", shown, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil || strings.Contains(string(text), made) {
		t.Errorf("the folder holds the token itself, or: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, tokenFile), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := adminToken(dir, ""); err == nil || !strings.Contains(err.Error(), tokenFile) {
		t.Errorf("spoiled file: got error %v, want one that names the file", err)
	}
}

func TestDataFolderIsLocked(t *testing.T) {
	dir := t.TempDir()
	first := &server{cfg: Config{DataDir: dir}, parts: newParts(slog.New(slog.DiscardHandler))}
	if err := first.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := &server{cfg: Config{DataDir: dir}, parts: newParts(slog.New(slog.DiscardHandler))}
	if err := second.lock(t.Context()); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("second process: got error %v, want one that says what to do", err)
	}
	if err := first.parts.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.lock(t.Context()); err != nil {
		t.Errorf("after the first has stopped: %v", err)
	}
	if err := second.parts.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
