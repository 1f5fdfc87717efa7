// Package crash kills the real Penstock binary while it works, and checks what it promised: what was answered 200 is in
// the log, every event of every mapping has one outcome, and nothing was sent twice that had a durable outcome.
//
// A SIGKILL says nothing about syncing, since what a process wrote survives it in the page cache; so a second test follows the system
// calls of a process that appends.
package crash
