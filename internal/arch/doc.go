// Package arch holds the rules of the source tree, as data, and the checks that enforce them.
//
// rules.txt says which package may import what; the test of this package reads every Go file of the tree, for every
// platform, and compares its import clauses with that policy. It parses in its own process, because a test that asks
// `go list` in a child process passes from the test cache after somebody has broken the rule: the cache knows which
// files a test opens, and nothing of what its children open.
//
// Tidy checks the few house rules that no linter has. Waits finds deadlines in test code that a busy machine may not
// meet.
//
// Nothing imports this package.
package arch
