// Package compat configures a real server with Segment's own SDK for its Public API, unchanged but for the base URL.
package compat
