// Package analyze makes of RECEIVED what the Pendo side shows: Track Events, visitors and accounts, and answers every question about them.
//
// It follows the log with one goroutine, and writes into DuckDB's catalog analytics; the position that the rows reach is stored in the same transaction. The tables are a pure function of
// RECEIVED and of the exclude list: however the stream is cut into batches, and wherever the process was killed, the same rows come out; deleted, they are made again.
//
// calls has one row for each call. Rows are not changed, but for two things: a redrive takes the place of what came before, and the exclude list hides people. Numbers of different visitors over
// a time are too dear to be counted from millions of rows for every page: every 100,000 rows are summed up by day, with the sets of their visitors and accounts, and a question is answered from
// the sums of whole days, and from the few rows that are not in them. So an answer is exact, and up to date.
//
// Reading order: schema.go, call.go and identity.go (what a row is, and when two calls are one), batch.go (how a batch is written), seal.go (the sums); then ask.go and days.go (how questions are
// answered from one state of the tables), and any of the questions.
//
// What does not belong here: what a call means by itself. That is internal/pendowire.
package analyze
