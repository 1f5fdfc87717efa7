// Package seen is the index of messageIds, in Pebble. It follows EVENTS: it knows the positions of each id of the last days, so that the log can
// mark duplicates and anybody can ask where an event is.
//
// It is not the truth. Each write stores the ids of a commit together with the sequence up to which the index has followed, without a sync: after
// a crash it may have lost the last of them, and Catchup reads those again from the log. It may be deleted; it is then read anew.
//
// A key is a day, a hash of the id and the source, in this order: so old days are removed by range, and an id is found in any source. Its value is
// the list of positions with that id on that day. Writes are merges, which need no read before; a merge is a union, so noting the same line twice changes nothing.
package seen
