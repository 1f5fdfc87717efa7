// Package e2e tests the real Penstock binary from outside: with curl's bodies, and with the real SDKs.
//
// What needs Node stands behind the build tag e2e, which `make test` gives after it has installed the packages of
// package-lock.json; the rest runs wherever Go does.
package e2e
