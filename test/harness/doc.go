// Package harness runs the real Penstock binary for tests: it builds it once for each test process, starts it on a free
// loopback port and a folder of the test's own, asks its API and its command line, kills it, and starts it again.
//
// It knows Penstock only as its users do: by flags, environment, HTTP and the output of commands.
package harness
