package admin

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The schema of the workspace file is a document of the repository, so that a change of it is seen.
func TestWorkspaceSchema(t *testing.T) {
	got, err := WorkspaceSchema()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "../../docs/reference/workspace.schema.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; go test ./internal/admin -update writes it anew):\n%s", golden, diff)
	}
	if !bytes.Contains(got, []byte(`"additionalProperties": false`)) {
		t.Error("the schema lets unknown fields through")
	}
}
