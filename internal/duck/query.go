package duck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Querier is what Select asks: a DB, for what is committed, or a Writer.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	check(err error) error
}

// QueryContext makes a DB a Querier.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := d.pool.QueryContext(ctx, query, args...)
	return rows, d.check(err)
}

func (w *Writer) check(err error) error { return w.db.check(err) }

// Snapshot runs ask on what is committed at this moment: all its questions are answered from the same rows, whatever is written meanwhile.
func (d *DB) Snapshot(ctx context.Context, ask func(Querier) error) (err error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// A caller that gives up leaves no connection in a transaction: the pool would hand it to the next one.
	whole := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(whole, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return fmt.Errorf("open snapshot: %w", d.check(err))
	}
	defer func() {
		_, end := conn.ExecContext(whole, "ROLLBACK")
		err = errors.Join(err, end)
	}()
	return ask(&snapshot{db: d, conn: conn})
}

type snapshot struct {
	db   *DB
	conn *sql.Conn
}

func (s *snapshot) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := s.conn.QueryContext(ctx, query, args...)
	return rows, s.db.check(err)
}

func (s *snapshot) check(err error) error { return s.db.check(err) }

// Each calls scan for each row that a query finds.
func Each(ctx context.Context, q Querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return q.check(errors.Join(rows.Err(), rows.Close()))
}

// Column scans a row of one column, for Select.
func Column[T any](rows *sql.Rows) (T, error) {
	var v T
	err := rows.Scan(&v)
	return v, err
}

// Select returns what scan makes of each row that a query finds. Bounding their number is the query's affair.
func Select[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	found := []T{}
	err := Each(ctx, q, func(rows *sql.Rows) error {
		v, err := scan(rows)
		found = append(found, v)
		return err
	}, query, args...)
	return found, err
}
