package journal

import "penstock/internal/duck"

// schema is the tables. Whatever changes what rows look like needs another version.
//
// An outcome's row has log_seq and log_line for where it lies in OUTCOMES, and seq, from_line and to_line for the events in EVENTS that it is about; an outcome of
// no event has none. What was not taken has a row in rejected: its source is an id, or _ where it is not known.
func schema() duck.Schema {
	return duck.Schema{Version: 2, DDL: `
CREATE TABLE journal.events (
	workspace VARCHAR, source VARCHAR, seq UBIGINT, line UINTEGER, received_at TIMESTAMP,
	message_id VARCHAR, type VARCHAR, name VARCHAR, user_id VARCHAR, anonymous_id VARCHAR, group_id VARCHAR, app_version VARCHAR,
	of_seq UBIGINT, of_line UINTEGER
);
CREATE TABLE journal.outcomes (
	workspace VARCHAR, mapping VARCHAR, log_seq UBIGINT, log_line UINTEGER, run UINTEGER, seq UBIGINT, from_line UINTEGER, to_line UINTEGER,
	status VARCHAR, code VARCHAR, reason VARCHAR, attempt UINTEGER, decided_at TIMESTAMP, due TIMESTAMP, revision UBIGINT,
	of_seq UBIGINT, of_line UINTEGER, hole_before UBIGINT, hole_lines UBIGINT,
	webhook_id VARCHAR, method VARCHAR, url VARCHAR, http_status INTEGER, took_ms BIGINT, bytes BIGINT
);
CREATE TABLE journal.rejected (workspace VARCHAR, source VARCHAR, seq UBIGINT, line UINTEGER, decided_at TIMESTAMP, code VARCHAR, events BIGINT);
CREATE TABLE journal.holes (stream VARCHAR, subject VARCHAR, seq UBIGINT, lines UBIGINT);
CREATE TABLE journal.positions (stream VARCHAR, seq UBIGINT);
INSERT INTO journal.positions VALUES ('EVENTS', 0), ('OUTCOMES', 0);
`}
}
