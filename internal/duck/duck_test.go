package duck_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/duck"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var schema = duck.Schema{Version: 1, DDL: `
	CREATE TABLE journal.numbers (n UBIGINT, text VARCHAR);
	CREATE VIEW journal.evens AS SELECT n FROM journal.numbers WHERE n % 2 = 0;`}

func open(t *testing.T, dir string, log *bytes.Buffer) *duck.DB {
	t.Helper()
	db, err := duck.Open(t.Context(), dir, duck.Config{MemoryLimit: 128 << 20, Threads: 1}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func writer(t *testing.T, db *duck.DB, s duck.Schema) *duck.Writer {
	t.Helper()
	w, err := db.Writer(t.Context(), duck.Journal, s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func shut(t *testing.T, db *duck.DB, w *duck.Writer) {
	t.Helper()
	if err := errors.Join(w.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// put appends the numbers from 0 up to n.
func put(ctx context.Context, tx *duck.Tx, n uint64) error {
	return tx.Append(ctx, "numbers", func(yield func([]driver.Value) bool) {
		for i := range n {
			if !yield([]driver.Value{i, "it's " + strings.Repeat("x", 20)}) {
				return
			}
		}
	})
}

func numbers(t *testing.T, db *duck.DB, query string) []uint64 {
	t.Helper()
	found, err := duck.Select(t.Context(), db, duck.Column[uint64], query)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWrittenRowsSurviveAndUndoneOnesDoNot(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "it's"), &bytes.Buffer{}
	db := open(t, dir, log)
	w := writer(t, db, schema)
	if err := w.Transact(t.Context(), func(tx *duck.Tx) error { return put(t.Context(), tx, 5) }); err != nil {
		t.Fatal(err)
	}
	undo := errors.New("undo")
	err := w.Transact(t.Context(), func(tx *duck.Tx) error {
		return errors.Join(put(t.Context(), tx, 100), tx.Exec(t.Context(), "DELETE FROM journal.numbers WHERE n = 2"), undo)
	})
	if !errors.Is(err, undo) {
		t.Fatalf("got %v, want the function's own error", err)
	}
	for range 2 {
		if diff := cmp.Diff([]uint64{0, 2, 4}, numbers(t, db, "SELECT n FROM journal.evens ORDER BY n")); diff != "" {
			t.Error(diff)
		}
		shut(t, db, w)
		db = open(t, dir, log)
		w = writer(t, db, schema)
	}
	shut(t, db, w)
	if log.Len() > 0 {
		t.Errorf("logged: %s", log)
	}
}

func TestSnapshotStaysAsItWas(t *testing.T) {
	log := &bytes.Buffer{}
	db := open(t, t.TempDir(), log)
	w := writer(t, db, schema)
	defer shut(t, db, w)
	ask := func(q duck.Querier) uint64 {
		found, err := duck.Select(t.Context(), q, duck.Column[uint64], "SELECT count(*) FROM journal.numbers")
		if err != nil {
			t.Fatal(err)
		}
		return found[0]
	}
	err := db.Snapshot(t.Context(), func(q duck.Querier) error {
		before := ask(q)
		if err := w.Transact(t.Context(), func(tx *duck.Tx) error { return put(t.Context(), tx, 5) }); err != nil {
			return err
		}
		if after := ask(q); before != 0 || after != 0 || ask(db) != 5 {
			t.Errorf("%d rows before, %d after, and %d in all", before, after, ask(db))
		}
		rows, err := q.QueryContext(t.Context(), "DELETE FROM journal.numbers")
		if err == nil {
			t.Errorf("a snapshot was written to: %v", errors.Join(rows.Err(), rows.Close()))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnotherVersionBeginsAnew(t *testing.T) {
	dir, log := t.TempDir(), &bytes.Buffer{}
	db := open(t, dir, log)
	w := writer(t, db, schema)
	if err := w.Transact(t.Context(), func(tx *duck.Tx) error { return put(t.Context(), tx, 5) }); err != nil {
		t.Fatal(err)
	}
	shut(t, db, w)
	db = open(t, dir, log)
	w = writer(t, db, duck.Schema{Version: 2, DDL: `CREATE TABLE journal.numbers (n UBIGINT)`})
	defer shut(t, db, w)
	if got := numbers(t, db, "SELECT count(*) FROM journal.numbers"); got[0] != 0 {
		t.Errorf("%d rows are left of version 1", got[0])
	}
	relations := "SELECT count(*) FROM duckdb_views() WHERE database_name = 'journal' AND NOT internal"
	if got := numbers(t, db, relations); got[0] != 0 {
		t.Errorf("%d views are left of version 1", got[0])
	}
}

func TestDamagedFileIsPutAside(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"garbage":   func([]byte) []byte { return []byte("hello") },
		"header":    func(b []byte) []byte { b[4096+20] ^= 1; return b },
		"catalog":   func(b []byte) []byte { b[12288+100] ^= 1; return b },
		"truncated": func(b []byte) []byte { return b[:4096] },
	} {
		t.Run(name, func(t *testing.T) {
			dir, log := t.TempDir(), &bytes.Buffer{}
			db := open(t, dir, log)
			w := writer(t, db, schema)
			shut(t, db, w)
			file := filepath.Join(dir, "journal.duckdb")
			before := rewrite(t, file, damage)
			db = open(t, dir, log)
			w = writer(t, db, schema)
			defer shut(t, db, w)
			if got := numbers(t, db, "SELECT count(*) FROM journal.numbers"); got[0] != 0 {
				t.Errorf("the new file has %d rows", got[0])
			}
			if kept, err := os.ReadFile(file + ".damaged"); err != nil || !bytes.Equal(kept, before) {
				t.Errorf("the damaged file was not kept: %v", err)
			}
			if !strings.Contains(log.String(), "journal.duckdb.damaged") {
				t.Errorf("the log does not say where the damaged file is: %s", log)
			}
		})
	}
}

func TestDamageFoundInUseRebuildsAtTheNextStart(t *testing.T) {
	dir, log := t.TempDir(), &bytes.Buffer{}
	db := open(t, dir, log)
	w := writer(t, db, schema)
	err := w.Transact(t.Context(), func(tx *duck.Tx) error {
		return tx.Exec(t.Context(), "INSERT INTO journal.numbers SELECT hash(i), hash(i + 1)::VARCHAR FROM range(200000) r(i)")
	})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, db, w)
	file := filepath.Join(dir, "journal.duckdb")
	rewrite(t, file, func(b []byte) []byte { // the first page of each block, but the headers and the catalog
		for at := 12288 + 262144; at < len(b)-262144; at += 262144 {
			b[at+4096] ^= 1
		}
		return b
	})
	db = open(t, dir, log)
	_, err = duck.Select(t.Context(), db, duck.Column[string], "SELECT max(text || n) FROM journal.numbers")
	if !errors.Is(err, duck.ErrDamaged) {
		t.Fatalf("got %v, want ErrDamaged", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir, log)
	w = writer(t, db, schema)
	defer shut(t, db, w)
	if got := numbers(t, db, "SELECT count(*) FROM journal.numbers"); got[0] != 0 {
		t.Errorf("%d rows are left of the damaged file", got[0])
	}
}

func rewrite(t *testing.T, file string, change func([]byte) []byte) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data = change(data)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(data)
}

func TestReachesNothingButItsFiles(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := open(t, dir, &bytes.Buffer{})
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, query := range []string{
		"SELECT * FROM read_csv('" + secret + "')",
		"COPY (SELECT 1) TO '" + secret + ".out'",
		"ATTACH '" + secret + ".duckdb' AS other",
		"INSTALL httpfs",
		"SET enable_external_access = true",
	} {
		if rows, err := db.QueryContext(t.Context(), query); err == nil {
			t.Errorf("%s is allowed: %v", query, errors.Join(rows.Err(), rows.Close()))
		}
	}
}

func TestConfig(t *testing.T) {
	if err := duck.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []duck.Config{{}, {MemoryLimit: 1 << 20, Threads: 1}, {MemoryLimit: 1 << 30}} {
		if _, err := duck.Open(t.Context(), t.TempDir(), c, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("opened with %+v", c)
		}
	}
}

// A snapshot whose caller gives up while it begins leaves no connection in a transaction for the next one.
func TestSnapshotIsGivenUp(t *testing.T) {
	db := open(t, t.TempDir(), &bytes.Buffer{})
	nothing := func(duck.Querier) error { return nil }
	for range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		_ = db.Snapshot(ctx, nothing) // it may fail: its caller has gone
		<-ctx.Done()
		if err := db.Snapshot(t.Context(), nothing); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
