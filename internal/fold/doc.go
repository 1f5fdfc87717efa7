// Package fold is the states of docs/internals/log.md as code: what a mapping owes, what of it is settled, and what became of it. A Fold is of one
// mapping and one run. It is fed with the fences of the mapping, the frames of its source's events and the mapping's outcomes, and
// answers at any moment where the cursor stands, which retries wait and what the counts are. Deliver and ledger use the same.
//
// The two streams may be fed in any interleaving, each of them in its own order, and again from an earlier place: the answers depend only on what was
// fed. An outcome may come before the frame that it speaks of. A fence must come before the first frame that lies behind it on the stream, and may come much
// earlier.
//
// What is settled leaves no trace but the counters; a chunk that nobody has touched costs one entry; lines have a state of their own
// only while their chunk is in progress.
package fold
