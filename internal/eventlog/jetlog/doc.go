// Package jetlog is an eventlog.Store, and the buckets of the configuration, on NATS JetStream: a server inside the process by default, a cluster
// where a URL is given. It is the only package that knows NATS.
//
// It uses JetStream for storage and nothing else: publishing with an expected sequence, atomic batches, and direct reads. No consumer stands between a
// reader and the log, because a consumer's state is written lazily and forgets what it was told when the process is killed.
//
// Appends, reads and control have a connection each (conns.go), and what is on its way is bounded (asker.go): an append
// does not wait for the answers to readers, and no reader has the server close a connection.
//
// What JetStream does not do by itself is settled here: a message whose bytes have rotted is passed over by every read (rot.go), and a subject that
// ends in one takes appends again.
package jetlog
