// Package seen is the index of messageIds, in Pebble. It follows EVENTS: it knows the positions of each id of the last days, so that the log can
// mark duplicates and anybody can ask where an event is.
//
// It is not the truth. Each write stores the ids of a commit together with the sequence up to which the index has followed, without a sync: after
// a crash it may have lost the last of them, and Catchup reads those again from the log. It may be deleted; it is then read anew.
//
// A key is a kind, a day, a hash of the id and the source, in this order: so old days are removed by range, and an id
// is found in any source. Its value is a list of positions with that id on that day. The firsts of an id are set, and
// one key holds a few of them at most: the log looks them up for every event, in the commit that all sources share.
// Repeats have keys of their own and are merged, which needs no read; only a search for an id reads them. Either is a
// union: to note the same line twice changes nothing.
package seen
