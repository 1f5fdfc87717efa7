// Package eventlog is the durable log that every stage reads and writes: EVENTS, OUTCOMES and RECEIVED, in frames of lines that
// docs/internals/log.md describes.
//
// A Log stands on a Store, the narrow seam that jetlog (NATS JetStream) and memlog (memory) implement. What makes the log
// trustworthy is here, once, above that seam: group commit, the chain of each subject, duplicates, and readers that
// notice a hole. eventlogtest is the conformance suite that every Store passes.
//
// What does not belong here: the meaning of lines. The log does not know what an event or an outcome says.
package eventlog
