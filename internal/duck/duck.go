package duck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Catalog names one of the two attached files; in SQL it stands before a table's name.
type Catalog string

// The catalogs.
const (
	Journal   Catalog = "journal"
	Analytics Catalog = "analytics"
)

// Config is what an operator may set.
type Config struct {
	// MemoryLimit bounds what the instance keeps in memory, in bytes; beyond it, queries use a file of their own. Default 512 MiB.
	MemoryLimit int64
	// Threads is how many threads work on queries. Default 2.
	Threads int
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config { return Config{MemoryLimit: 512 << 20, Threads: 2} }

// Validate tells what is wrong with a Config.
func (c Config) Validate() error {
	if c.MemoryLimit < memoryLimitMin || c.Threads < 1 {
		return fmt.Errorf("check database settings: %d bytes of memory and %d threads; want at least %d bytes and 1 thread", c.MemoryLimit, c.Threads, memoryLimitMin)
	}
	return nil
}

const (
	memoryLimitMin = 128 << 20 // a batch is written from memory
	connectionsMax = 10        // two writers, and readers; who comes later waits
	spillMax       = "4GiB"
	checkpointAt   = "64MiB" // of write-ahead log, when the files are written anew: what is in the last group of rows is written each time
)

// DB is the instance.
type DB struct {
	pool   *sql.DB
	dir    string
	logger *slog.Logger
}

// Open starts the instance over the files in dir, which is made if it is missing. A file that is damaged is renamed to NAME.damaged (one that
// lies there already is replaced), and an empty one takes its place.
func Open(ctx context.Context, dir string, cfg Config, logger *slog.Logger) (*DB, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of databases: %w", err)
	}
	connector, err := duckdb.NewConnector(fmt.Sprintf(":memory:?threads=%d&memory_limit=%dMiB", cfg.Threads, cfg.MemoryLimit>>20), nil)
	if err != nil {
		return nil, fmt.Errorf("start database: %w", err)
	}
	d := &DB{pool: sql.OpenDB(connector), dir: dir, logger: logger}
	d.pool.SetMaxOpenConns(connectionsMax)
	d.pool.SetMaxIdleConns(connectionsMax)
	if err := d.start(ctx); err != nil {
		return nil, errors.Join(err, d.pool.Close())
	}
	return d, nil
}

func (d *DB) start(ctx context.Context) error {
	for _, c := range []Catalog{Journal, Analytics} {
		if err := d.attach(ctx, c); err != nil {
			return fmt.Errorf("open %s: %w", d.path(c), err)
		}
	}
	for _, set := range []string{
		"SET temp_directory = " + quote(filepath.Join(d.dir, "spill")),
		"SET max_temp_directory_size = " + quote(spillMax),
		"SET preserve_insertion_order = false",
		"SET checkpoint_threshold = " + quote(checkpointAt),
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := d.pool.ExecContext(ctx, set); err != nil {
			return fmt.Errorf("configure database: %w", err)
		}
	}
	return nil
}

// attach opens the file of a catalog, or a new one when it is damaged.
func (d *DB) attach(ctx context.Context, c Catalog) error {
	attach := fmt.Sprintf("ATTACH %s AS %s", quote(d.path(c)), c)
	if _, err := os.Stat(d.marker(c)); err == nil {
		if err := d.putAside(ctx, c, errMarked); err != nil {
			return err
		}
	}
	_, err := d.pool.ExecContext(ctx, attach)
	if err == nil || !isDamage(err) {
		return err
	}
	if err := d.putAside(ctx, c, err); err != nil {
		return err
	}
	_, err = d.pool.ExecContext(ctx, attach)
	return err
}

// Close writes what is left to the files and stops the instance. Nothing may be running on it.
func (d *DB) Close() error {
	if err := d.pool.Close(); err != nil {
		return fmt.Errorf("close databases: %w", err)
	}
	return nil
}

func (d *DB) path(c Catalog) string { return filepath.Join(d.dir, string(c)+".duckdb") }

// quote writes a string as SQL has it.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
