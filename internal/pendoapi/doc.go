// Package pendoapi is the part of Pendo's public API, /api/v1/..., that is about visitors, accounts, Track Events and metadata, in Pendo's own shapes, so that programs that were made for it work unchanged:
// whether a key is good, one visitor or account, a visitor's history, Track Events, fields of metadata and their values, do-not-process.
//
// An integration key (header x-pendo-integration-key) opens one app, or all; visitors of several apps with one id are one then, as in a subscription. Without a good key the answer is 403, with nothing in it, as Pendo's is.
// What is written becomes a record of RECEIVED like everything else, and is answered once it shows.
//
// What does not belong here: this server's own control API (internal/admin), and what comes to /data (internal/receive).
package pendoapi
