// Package analyze makes of RECEIVED what the Pendo side shows: Track Events, visitors and accounts.
//
// It follows the log with one goroutine and writes one row for each call, never changing one, into DuckDB's catalog analytics; the position that the rows reach is
// stored in the same transaction. So the tables are a pure function of RECEIVED: however the stream is cut into batches, and
// wherever the process was killed, the same rows come out; deleted, they are made again. Visitors and accounts are views of these rows.
//
// One call counts once, however often it is delivered. Its identity is the webhook-id that it came with (and its place in the batch), else messageId, type and event. What comes
// again is a row with the verdict duplicate, that is not counted. The same messageId under another webhook-id came by another path: it counts, since it would count at Pendo, with a verdict
// that says so and names the first.
//
// What does not belong here: what a call means by itself. That is internal/pendowire.
package analyze
