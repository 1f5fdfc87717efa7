//go:build e2e

package ui

import (
	"os"
	"path/filepath"
	"testing"

	"penstock/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// input is what every program is given.
type input struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// start runs a server with a workspace, as YAML.
func start(t *testing.T, workspace string) (*harness.Server, input) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	if err := os.WriteFile(file, []byte(workspace), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.Start(t, file)
	return server, input{URL: server.URL, Token: harness.Token}
}

// visit runs a program, and fails the test for what the pages have written to the console as an error, and for what they have asked anybody else.
func visit[T any](t *testing.T, server *harness.Server, program string, in any) T {
	t.Helper()
	visit := harness.Browse[T](t, program, in)
	for _, line := range visit.Console {
		if line.Type == "pageerror" {
			t.Errorf("a page failed: %s", line.Text)
		}
	}
	if others := visit.ToOthers(server.URL[len("http://"):]); len(others) > 0 {
		t.Errorf("pages have asked others: %v", others)
	}
	return visit.Output
}
