package harness

import (
	"os"
	"path/filepath"
	"testing"
)

// The names in the workspace that WithSink writes; those of examples/pendo are the same.
const (
	App      = "acme"
	Source   = "website"
	AppKey   = "00000000000000000000000000000001"
	WriteKey = "wk_website_000000000000000000001"
)

// Names of the destinations in the workspace that WithSink writes.
const (
	ToReceiver = "pendo-track-events" // to Penstock's own receiver
	ToSink     = "sink"
)

// WithSink writes a workspace file: one source, whose Track calls go to Penstock's own receiver and to a sink. The server needs
// the argument that EgressLoopback is.
func WithSink(tb testing.TB, url string) string {
	tb.Helper()
	return withSink(tb, url, "false")
}

// WithBatches is WithSink, but the sink is sent batches of up to 10.
func WithBatches(tb testing.TB, url string) string {
	tb.Helper()
	return withSink(tb, url, "true")
}

func withSink(tb testing.TB, url, batching string) string {
	tb.Helper()
	return Workspace(tb, `apps:
  - slug: acme
    name: Acme web app
    key: 00000000000000000000000000000001
sources:
  - slug: website
    name: Website
    type: javascript
    writeKeys: [`+WriteKey+`]
destinations:
`+destination(ToReceiver, "${PENSTOCK_URL}/data/segmentio/00000000000000000000000000000001", "false")+destination(ToSink, url+"/", batching))
}

// Workspace writes a workspace file.
func Workspace(tb testing.TB, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "workspace.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// EgressLoopback allows destinations on this machine, which are refused otherwise.
const EgressLoopback = "--egress-allow=127.0.0.0/8"

func destination(slug, url, batching string) string {
	return `  - slug: ` + slug + `
    name: ` + slug + `
    source: website
    type: actions-webhook
    enabled: true
    settings: {}
    mappings:
      - name: Track Events
        action: send
        enabled: true
        trigger: type = "track"
        fields:
          url: ` + url + `
          method: POST
          batch_size: 10
          data: {"@path": "$."}
          enable_batching: ` + batching + `
`
}
