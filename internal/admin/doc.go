// Package admin is the control API under /api: the workspace, the ledger, journeys, the receiving side's analytics, the live tail. It is described by
// /api/openapi.json, which is made from the Go types, and in docs/reference/control-api.md.
//
// It answers from narrow interfaces that are declared here and filled in by the composition root; it knows no stage. Every request under /api carries
// the token; only /healthz and /readyz are open.
package admin
