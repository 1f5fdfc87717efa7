// Package workspace is what a Penstock is configured with: sources and their write keys, destinations, mappings, and the apps of the receiving side.
//
// The configuration lives in a key-value bucket (KV), one entry a resource, under `<workspace>.<kind>.<id>`. A Store watches the
// bucket and compiles it into an immutable Snapshot, which the hot path reads without a lock. A File is the same configuration as a person
// writes it; Apply brings the bucket to what a File names, and Export writes it back.
//
// A change that affects delivery is also a fence on EVENTS (docs/internals/log.md); Fencer sees to it that the newest fence of each mapping says
// what the Snapshot says.
package workspace
