// Package journey answers "where is my event?": given a messageId it tells every gate that the event passed. When and from where it was received, what it
// was normalised to, which mappings owed it, whether they matched and by which clause not, what they mapped it to, what was sent and
// answered, and, where the receiver is this server's own, which visitor and account it became.
//
// It reads the log itself, by the positions that the index of seen ids knows, and waits for nothing that is projected from it; only what landed
// at the receiver comes from there.
package journey
