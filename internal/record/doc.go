// Package record is what lies on the log: the frame that every message is, and the lines in it (fences, outcomes, rejected requests, received
// events). It is pure: bytes in, values out. docs/internals/log.md is its specification; testdata holds golden bytes of each version.
//
// Encoding and decoding check the same things in both directions: a frame whose header disagrees with its body cannot be
// written, and is noticed when it is read.
package record
