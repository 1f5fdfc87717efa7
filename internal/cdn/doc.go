// Package cdn serves the browser SDK, @segment/analytics-next, where the standard snippet looks for it, so that a page needs nothing but our host:
//
//	/analytics.js/v1/{writeKey}/analytics.min.js   the SDK, with the write key in it
//	/analytics-next/bundles/{file}                 what the SDK loads when it needs it
//
// The files are the package's own. They are brought from npm at build time; see bundle/README.md.
package cdn
