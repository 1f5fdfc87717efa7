package e2e

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"penstock/test/harness"
)

// A file is kept beside the code: its changes are weighed on stored traffic before they are made, and drift is found.
func TestConfigurationAsCode(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	for range 3 {
		if status, answer := server.Post("/v1/track", `{"event":"Ping","userId":"123","writeKey":"`+harness.WriteKey+`"}`); status != http.StatusOK {
			t.Fatalf("POST /v1/track: got %d %s, want 200", status, answer)
		}
	}
	exported, err := server.Command("export")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := server.Command("apply", "-f", harness.Workspace(t, exported), "--prune", "--check"); err != nil || !strings.HasPrefix(out, "0 would change") {
		t.Errorf("the server's own export differs from it: %v\n%s", err, out)
	}

	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	file := harness.Workspace(t, strings.Replace(string(text), `trigger: type = "track"`, `trigger: type = "track" and event != "Ping"`, 1))
	out, err := server.Command("apply", "-f", file, "--dry-run")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"would update mapping ", `  ~ trigger: "type = \"track\"" -> "type = \"track\" and event != \"Ping\""`,
		"impact: 3 of the last 3 events would no longer reach Pendo Track Events", "1 would change",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	if _, err := server.Command("apply", "-f", file, "--check"); err == nil || !strings.Contains(err.Error(), "exit status 2") {
		t.Errorf("drift: %v, want exit code 2", err)
	}
	if _, err := server.Command("apply", "-f", file); err != nil {
		t.Error(err)
	}
	if out, err := server.Command("apply", "-f", file, "--check"); err != nil {
		t.Errorf("after it was applied: %v\n%s", err, out)
	}
}
