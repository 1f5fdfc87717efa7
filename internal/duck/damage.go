package duck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// ErrDamaged means that a file turned out to be damaged while it was in use. It will be put aside, and made anew from the log, at the next start.
var ErrDamaged = errors.New("database file is damaged; it will be rebuilt from the log at the next start")

var errMarked = errors.New("found to be damaged while it was in use")

// isDamage tells whether DuckDB says that a file cannot be understood, as opposed to: locked, not permitted, no space.
func isDamage(err error) bool {
	e, ok := errors.AsType[*duckdb.Error](err)
	if !ok {
		return false
	}
	for _, sign := range []string{"not a valid DuckDB database file", "Corrupt database file", "Could not read enough bytes", "with version number"} {
		if strings.Contains(e.Msg, sign) {
			return true
		}
	}
	return e.Type == duckdb.ErrorTypeSerialization
}

// check turns a damage that shows while a file is in use into ErrDamaged, and marks the file for the next start.
func (d *DB) check(err error) error {
	if err == nil || !isDamage(err) {
		return err
	}
	marked := error(nil)
	for _, c := range []Catalog{Journal, Analytics} {
		if strings.Contains(err.Error(), d.path(c)) || !d.named(err) {
			marked = errors.Join(marked, os.WriteFile(d.marker(c), nil, 0o600))
		}
	}
	return errors.Join(fmt.Errorf("%w: %w", ErrDamaged, err), marked)
}

// named tells whether an error says which file it is about.
func (d *DB) named(err error) bool {
	return strings.Contains(err.Error(), d.path(Journal)) || strings.Contains(err.Error(), d.path(Analytics))
}

// marker is a file that says: begin anew.
func (d *DB) marker(c Catalog) string { return d.path(c) + ".rebuild" }

// putAside renames the file of a catalog, and forgets its write-ahead log: what that holds is in the log of the process.
func (d *DB) putAside(ctx context.Context, c Catalog, why error) error {
	path := d.path(c)
	d.logger.LogAttrs(ctx, slog.LevelError, "database file is damaged, put aside to be rebuilt from the log", slog.String("stage", "duck"),
		slog.String("file", path), slog.String("kept_as", path+".damaged"), slog.Any("error", why))
	if err := os.Rename(path, path+".damaged"); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("put damaged file aside: %w", err)
	}
	for _, gone := range []string{path + ".wal", d.marker(c)} {
		if err := os.Remove(gone); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("put damaged file aside: %w", err)
		}
	}
	return nil
}
