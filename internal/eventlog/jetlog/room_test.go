package jetlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
)

const (
	diskBytes   = 48 << 20
	ballastName = "ballast"
)

// smallDisk is a file system in memory of diskBytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", diskBytes)); err != nil {
		t.Fatalf("mount a small file system, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// occupy takes room away until no more than left bytes are free.
func occupy(t *testing.T, dir string, left int64) {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ballastName), make([]byte, max(0, int64(fs.Bavail)*fs.Bsize-left)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// disk is a log on a small disk, and what it has said that it holds.
type disk struct {
	dir     string
	reserve int64
	size    int // of a message
	store   *jetlog.JetLog
	kept    []string
	tries   int
	giveUp  atomic.Pointer[context.CancelFunc] // of an append that may find no room
}

// jam is a logger that ends the append that waits once the server says that a write found no room: there is no answer to it.
type jam struct {
	slog.Handler

	disk *disk
}

func (jam) Enabled(context.Context, slog.Level) bool { return true }

func (j jam) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if giveUp := j.disk.giveUp.Load(); giveUp != nil && strings.Contains(a.Value.String(), "Critical write error") {
			(*giveUp)()
		}
		return true
	})
	return nil
}

func (d *disk) open(t *testing.T) {
	t.Helper()
	cfg := jetlog.DefaultConfig(d.dir)
	cfg.FreeBytesMin, cfg.StorageBytesMax = d.reserve, 1<<30
	var err error
	if d.store, err = jetlog.Open(t.Context(), cfg, slog.New(jam{slog.DiscardHandler, d})); err != nil {
		t.Fatal(err)
	}
}

// fill tries to append one message to a disk that may have no room for it.
func (d *disk) fill(t *testing.T) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.giveUp.Store(&cancel)
	defer d.giveUp.Store(nil)
	return d.append(ctx)
}

// append tries to append one message, and remembers it if it is stored.
func (d *disk) append(ctx context.Context) error {
	d.tries++
	data := fmt.Sprintf("%d ", d.tries) + strings.Repeat("x", d.size)
	subject := fmt.Sprintf("events.default.s%d", d.tries)
	_, err := d.store.Append(ctx, eventlog.Events, []eventlog.Message{{Subject: subject, Data: []byte(data)}})
	if err == nil {
		d.kept = append(d.kept, data)
	}
	return err
}

// check reads the log: all that was stored must be there, in order.
func (d *disk) check(t *testing.T) {
	t.Helper()
	var got []string
	for from := uint64(1); ; {
		found, err := d.store.Read(t.Context(), eventlog.Events, ">", from, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			break
		}
		for _, m := range found {
			got = append(got, string(m.Data))
			from = m.Seq + 1
		}
	}
	at := 0
	for _, data := range got {
		if at < len(d.kept) && data == d.kept[at] {
			at++
		}
	}
	if at != len(d.kept) {
		t.Errorf("%d messages were stored, and %d of them are there, of %d", len(d.kept), at, len(got))
	}
}

// TestDiskFull fills the disk: appends are refused with ErrFull, and go on by themselves when there is room; what was stored is there, before and after
// a restart. Small appends come up against the reserve; a large one fills what is left, and then the server's storage is opened again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"before the reserve": 256 << 10, "in one append": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			d := &disk{dir: smallDisk(t), reserve: 2 << 20, size: size}
			d.open(t)
			if err := d.append(t.Context()); err != nil {
				t.Fatal(err)
			}
			occupy(t, d.dir, 12<<20)
			var err error
			for range 200 {
				if err = d.fill(t); errors.Is(err, eventlog.ErrFull) {
					break
				}
			}
			if !errors.Is(err, eventlog.ErrFull) {
				t.Fatalf("append to a full disk: %v, want ErrFull", err)
			}
			if err := d.fill(t); !errors.Is(err, eventlog.ErrFull) {
				t.Errorf("the next: %v, want ErrFull", err)
			}
			if err := os.Remove(filepath.Join(d.dir, ballastName)); err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if err := d.append(t.Context()); err != nil {
					t.Fatalf("append when there is room again: %v", err)
				}
			}
			d.check(t)
			if err := d.store.Close(); err != nil {
				t.Fatal(err)
			}
			d.open(t)
			if err := d.append(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.check(t)
			if err := d.store.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
