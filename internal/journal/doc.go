// Package journal makes EVENTS and OUTCOMES searchable: one row for each event, and one for each span of an outcome, in DuckDB's catalog journal.
//
// It follows both streams with one goroutine; the positions that the rows reach are stored in the same transaction. Rows are written
// once and never changed, so that the tables are a pure function of the streams: deleted, they are made again, as far as the log reaches.
// An outcome of a thousand events in a row, filtered ones say, is one row.
//
// What does not belong here: payloads, which are read from the log by position, and counts that must balance, which are internal/ledger's.
package journal
