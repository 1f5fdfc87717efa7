// Package erase takes persons out of the log: visitors and accounts of an app, and, where that is asked for, of the events of sources.
//
// An erasure is masked in the projections at once, and is then work in the background: it is written down, so that it goes on after a restart, every frame that holds one
// of the persons is rewritten, and at the end the record forgets who they were. All of it can be done again without harm, which is how it goes on
// after a kill.
//
// What does not belong here: how a frame is rewritten (internal/eventlog), and what a tombstone is (internal/event, internal/pendowire).
package erase
