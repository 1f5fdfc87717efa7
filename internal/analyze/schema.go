package analyze

import "penstock/internal/duck"

// schema is the tables. Whatever changes what rows look like, the hashes included, needs another version.
//
// call_hash is there only in the first row of a call, message_hash only in the first row of a messageId.
func schema() duck.Schema {
	return duck.Schema{Version: 1, DDL: `
CREATE TABLE analytics.calls (
	workspace VARCHAR, app VARCHAR, seq UBIGINT, line UINTEGER, element UINTEGER,
	received_at TIMESTAMP, via VARCHAR, app_key VARCHAR, webhook_id VARCHAR, remote VARCHAR,
	type VARCHAR, message_id VARCHAR, event VARCHAR, visitor VARCHAR, account VARCHAR, anonymous VARCHAR, ts TIMESTAMP, data VARCHAR,
	ip VARCHAR, user_agent VARCHAR, url VARCHAR, title VARCHAR,
	verdicts VARCHAR[], counted BOOLEAN, of_seq UBIGINT, of_line UINTEGER, of_element UINTEGER,
	call_hash UBIGINT, message_hash UBIGINT
);
CREATE TABLE analytics.holes (subject VARCHAR, seq UBIGINT, lines UBIGINT);
CREATE TABLE analytics.position (seq UBIGINT);
INSERT INTO analytics.position VALUES (0);
CREATE VIEW analytics.track_events AS
	SELECT * FROM analytics.calls WHERE counted AND type = 'track' AND event IS NOT NULL;
CREATE VIEW analytics.visitors AS
	SELECT app, visitor AS id, count(*) FILTER (type = 'track' AND event IS NOT NULL) AS events, min(ts) AS first_seen, max(ts) AS last_seen
	FROM analytics.calls WHERE counted AND visitor IS NOT NULL GROUP BY app, visitor;
`}
}
