package analyze

import (
	"strconv"
	"strings"

	"penstock/internal/duck"
	"penstock/internal/pendowire"
)

// schemaVersion is that of the tables. Whatever changes what rows look like, the hashes included, needs another one.
const schemaVersion = 3

// slotsMax is how many properties of a Track Event have a column of their own, in the order in which they were first seen; the others are read from the JSON
// where they are asked for.
const slotsMax = 12

// schema is the tables.
//
// calls has a row for each call that was received. n counts them, so that a place in the log and a place in the tables are one thing. Numbers stand for what is said
// again and again: apps, event names, visitors and accounts (both are people), and verdicts, which are bits. p0, p1, ... are the properties that keys gives a slot, as JSON. call_hash is there only in
// the first row of a call (and in those that took its place), message_hash where there is a messageId, near_hash only in the first row of its kind. The one verdict that rows get afterwards has its
// bit from the beginning, so that the bits follow from the stream.
//
// days, periods, day_verdicts and activity are sums of the rows up to position.sealed, by UTC days and by visitor and account; of one thing there may be several
// rows, that are to be added up. What lies after position.sealed is counted when it is asked for. In days, the event 0 is whatever a visitor does; periods has
// the sets of several days, of those that periods() names.
func schema() duck.Schema {
	return duck.Schema{Version: schemaVersion, DDL: `
CREATE TABLE analytics.position (seq UBIGINT, n UBIGINT, sealed UBIGINT, fields UBIGINT, activity UBIGINT);
INSERT INTO analytics.position VALUES (0, 0, 0, 0, 0);
CREATE TABLE analytics.holes (subject VARCHAR, seq UBIGINT, lines UBIGINT);

CREATE TABLE analytics.apps (id UINTEGER, app VARCHAR, workspace VARCHAR);
CREATE TABLE analytics.names (id UINTEGER, app UINTEGER, name VARCHAR, received_at TIMESTAMP);
CREATE TABLE analytics.verdicts (bit UTINYINT, code VARCHAR);
INSERT INTO analytics.verdicts VALUES (0, '` + string(pendowire.Replaced) + `');
CREATE TABLE analytics.people (
	id UINTEGER, app UINTEGER, kind UTINYINT, hash UBIGINT, form UBIGINT, other_form BOOLEAN, anonymous BOOLEAN, parent UINTEGER, text VARCHAR
);
CREATE TABLE analytics.merges (app UINTEGER, alias UINTEGER, person UINTEGER, n UBIGINT, received_at TIMESTAMP);
CREATE TABLE analytics.metadata (
	i UBIGINT, n UBIGINT, app UINTEGER, kind UTINYINT, person UINTEGER, grp VARCHAR, field VARCHAR, name VARCHAR, value VARCHAR, via VARCHAR, received_at TIMESTAMP
);
CREATE TABLE analytics.keys (app UINTEGER, event UINTEGER, key VARCHAR, slot UTINYINT);
CREATE TABLE analytics.hidden (person UINTEGER, kind UTINYINT);

CREATE TABLE analytics.calls (
	n UBIGINT, app UINTEGER, seq UBIGINT, line UINTEGER, element UINTEGER,
	received_at TIMESTAMP, ts TIMESTAMP, via VARCHAR, app_key VARCHAR, webhook_id VARCHAR, redrive UBIGINT, remote VARCHAR, sender VARCHAR,
	type VARCHAR, event UINTEGER, visitor UINTEGER, account UINTEGER, message_id VARCHAR, anonymous_id VARCHAR,
	tab VARCHAR, frame VARCHAR, sequence BIGINT, browser_time BIGINT,
	ip VARCHAR, user_agent VARCHAR, url VARCHAR, title VARCHAR, data VARCHAR,
	verdicts UBIGINT, counted BOOLEAN, hidden BOOLEAN, tracked BOOLEAN, of_n UBIGINT,
	call_hash UBIGINT, message_hash UBIGINT, first_message BOOLEAN, near_hash UBIGINT,
	` + strings.Join(slotColumns(" VARCHAR"), ", ") + `
);
CREATE TABLE analytics.days (
	app UINTEGER, event UINTEGER, day DATE, events UBIGINT, no_visitor UBIGINT, no_account UBIGINT, first_seen TIMESTAMP, last_seen TIMESTAMP, visitors BLOB, accounts BLOB
);
CREATE TABLE analytics.periods (app UINTEGER, event UINTEGER, days UTINYINT, day DATE, visitors BLOB, accounts BLOB);
CREATE TABLE analytics.day_verdicts (app UINTEGER, event UINTEGER, day DATE, verdicts UBIGINT, events UBIGINT);
CREATE TABLE analytics.activity (
	app UINTEGER, visitor UINTEGER, account UINTEGER, events UBIGINT, calls UBIGINT, first_seen TIMESTAMP, last_seen TIMESTAMP
);
`}
}

// slotColumns are the names of the slots' columns, with something after each.
func slotColumns(after string) []string {
	columns := make([]string, slotsMax)
	for i := range columns {
		columns[i] = slotColumn(uint8(i)) + after
	}
	return columns
}

func slotColumn(slot uint8) string { return "p" + strconv.Itoa(int(slot)) }
