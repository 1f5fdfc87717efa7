// Package impact tells what a change of the workspace would mean for events: it takes the newest events of a source through the mappings as they are and as they
// would be, and counts which of them would be reached, or no longer, or get another payload. Nothing is sent and nothing is changed.
//
// It reads the log itself, bounded in events, in bytes and in time; where a bound cut it short, the answer says so.
package impact
