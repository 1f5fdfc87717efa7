package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// pages are what the analytics say, as far as it does not depend on the moment.
func pages(server *harness.Server) map[string]string {
	all := map[string]string{}
	for _, path := range []string{
		"/track-events", "/track-events/e1?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z", "/track-events/e1/properties?from=2026-01-01T00:00:00Z",
		"/track-events/e1/breakdown?property=plan&from=2026-01-01T00:00:00Z", "/visitors?sort=id", "/visitors/u1", "/visitors/u1/history", "/accounts?sort=id", "/accounts/g0",
		"/received?limit=1000", "/dictionary/metadata", "/quality/verdicts", "/quality/coverage", "/quality/ids", "/exclusions",
	} {
		status, body := server.API(http.MethodGet, "/api/apps/acme"+path, "")
		all[path] = fmt.Sprint(status, " ", body)
	}
	return all
}

// Whatever lies in DuckDB comes back from the log when its files are deleted.
func TestDeletedProjectionsComeBack(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.Workspace(t, sourceAndApp))
	for i := range 60 {
		body := fmt.Sprintf(`{"type":"track","event":"e%d","userId":"u%d","groupId":"g%d","messageId":"m%d","timestamp":"2026-01-%02dT12:00:00Z","properties":{"plan":"p%d"}}`,
			i%3, i%7, i%2, i%50, 1+i%28, i%2)
		if i%10 == 9 {
			body = fmt.Sprintf(`{"type":"identify","userId":"u%d","messageId":"i%d","traits":{"plan":"p%d"}}`, i%7, i, i%2)
		}
		if status, answer := server.Post("/data/segmentio/"+harness.AppKey, body); status != http.StatusOK {
			t.Fatalf("POST /data/segmentio: %d %s", status, answer)
		}
	}
	if status, answer := server.API(http.MethodPut, "/api/apps/acme/visitors/u2/flags", `{"excluded":true}`); status != http.StatusOK {
		t.Fatalf("exclude a visitor: %d %s", status, answer)
	}
	there := func() error {
		if all := pages(server)["/received?limit=1000"]; strings.Count(all, `"receivedAt"`) < 60 {
			return errors.New("not all that was received is there")
		}
		return nil
	}
	harness.Eventually(t, "everything is projected", there)
	before := pages(server)
	for path, page := range before {
		if !strings.HasPrefix(page, "200 ") || len(page) < 50 {
			t.Errorf("GET %s: %s", path, page)
		}
	}
	server.Kill()
	server.DeleteProjections()
	server.Restart()
	harness.Eventually(t, "everything is projected again", there)
	if diff := cmp.Diff(before, pages(server)); diff != "" {
		t.Errorf("before the files were deleted, and after:\n%s", diff)
	}
}
