// Package publicapi is the control API in the shape of Segment's Public API, under /public-api: what Segment's SDKs and its Terraform provider need, so that
// they work unchanged with this server as their base URL. docs/reference/public-api.md lists its routes.
//
// It changes the workspace by the same edits as internal/admin, and answers from narrow interfaces that the composition root fills in. What belongs here is the
// shape alone: envelopes, ids, cursors, spellings of queries, the metadata of the catalog.
package publicapi
