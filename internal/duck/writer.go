package duck

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"

	"github.com/duckdb/duckdb-go/v2"
)

// Schema is the tables of a catalog. When Version differs from that of the file, all that the file holds is dropped: a projection is not
// migrated but made again.
type Schema struct {
	Version int    // greater than 0
	DDL     string // CREATE statements, each name with its catalog
}

// Writer is the one that writes to a catalog. It belongs to one goroutine.
type Writer struct {
	db      *DB
	conn    *sql.Conn
	catalog Catalog
	schema  Schema
}

// Writer makes the writer of a catalog, and its tables if they are not there. There must be no other for the same catalog.
func (d *DB) Writer(ctx context.Context, c Catalog, schema Schema) (*Writer, error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open writer of %s: %w", c, err)
	}
	w := &Writer{db: d, conn: conn, catalog: c, schema: schema}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open writer of %s: %w", c, err), conn.Close())
	}
	return w, nil
}

func (w *Writer) prepare(ctx context.Context) error {
	if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s.schema_version (version INTEGER)", w.catalog)); err != nil {
		return w.db.check(err)
	}
	version := sql.NullInt64{}
	row := w.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT max(version) FROM %s.schema_version", w.catalog))
	if err := row.Scan(&version); err != nil {
		return w.db.check(err)
	}
	if version.Int64 == int64(w.schema.Version) {
		return nil
	}
	return w.Reset(ctx)
}

// Reset drops all that the catalog holds and makes its tables anew, empty.
func (w *Writer) Reset(ctx context.Context) error {
	return w.Transact(ctx, func(tx *Tx) error {
		relations, err := Select(ctx, w, Column[string], `
			SELECT 'VIEW ' || database_name || '."' || view_name || '"' FROM duckdb_views() WHERE database_name = $1 AND NOT internal
			UNION ALL
			SELECT 'TABLE ' || database_name || '."' || table_name || '"' FROM duckdb_tables() WHERE database_name = $1
			ORDER BY 1 DESC`, string(w.catalog))
		if err != nil {
			return err
		}
		for _, r := range relations {
			if err := tx.Exec(ctx, "DROP "+r); err != nil {
				return err
			}
		}
		if err := tx.Exec(ctx, fmt.Sprintf("CREATE TABLE %s.schema_version (version INTEGER)", w.catalog)); err != nil {
			return err
		}
		if err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s.schema_version VALUES (?)", w.catalog), w.schema.Version); err != nil {
			return err
		}
		return tx.Exec(ctx, w.schema.DDL)
	})
}

// Tx is a transaction of a Writer, for as long as the function that it was given to runs.
type Tx struct{ w *Writer }

// Transact runs do in a transaction: all that it writes is stored, and durable, when Transact returns nil; otherwise nothing is.
func (w *Writer) Transact(ctx context.Context, do func(*Tx) error) (err error) {
	if _, err := w.conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return fmt.Errorf("begin transaction on %s: %w", w.catalog, w.db.check(err))
	}
	done := false
	defer func() {
		if !done {
			_, undo := w.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, undo)
		}
	}()
	if err := do(&Tx{w: w}); err != nil {
		return fmt.Errorf("write to %s: %w", w.catalog, w.db.check(err))
	}
	// A commit that was begun is carried out: interrupted, nobody would know its fate.
	if _, err := w.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("commit to %s: %w", w.catalog, w.db.check(err))
	}
	done = true
	return nil
}

// Exec carries out a statement.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := t.w.conn.ExecContext(ctx, query, args...)
	return err
}

// Append adds rows to the end of a table, much faster than INSERT: each has a value for each column, in their order. A row may be reused by the
// sequence once the next one is asked for.
func (t *Tx) Append(ctx context.Context, table string, rows iter.Seq[[]driver.Value]) error {
	return t.w.conn.Raw(func(c any) error {
		conn, ok := c.(driver.Conn)
		if !ok {
			return fmt.Errorf("append to %s: %T is no driver connection", table, c)
		}
		a, err := duckdb.NewAppender(conn, string(t.w.catalog), "", table)
		if err != nil {
			return fmt.Errorf("append to %s: %w", table, err)
		}
		for row := range rows {
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(fmt.Errorf("append to %s: %w", table, err), a.Clear(), a.Close())
			}
		}
		if err := a.CloseWithCancel(ctx); err != nil {
			return fmt.Errorf("append to %s: %w", table, err)
		}
		return nil
	})
}

// QueryContext makes a Writer a Querier; inside of Transact it sees what the transaction wrote.
func (w *Writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := w.conn.QueryContext(ctx, query, args...)
	return rows, w.db.check(err)
}

// Close gives the connection back.
func (w *Writer) Close() error { return w.conn.Close() }
