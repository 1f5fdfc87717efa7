package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// The two calls that a newcomer makes: the account at the top level, and in the properties.
func TestTwoCalls(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	for _, body := range []string{
		`{
     "event": "Example Event Name",
     "userId": "123",
     "groupId": "account",
     "properties": {
         "exampleKeyName": "exampleValue"
     },
     "writeKey": "` + harness.WriteKey + `"
  }`,
		`{
     "event": "Example Event Name",
     "userId": "123",
     "properties": {
         "groupId": "account",
         "exampleKeyName": "exampleValue"
     },
     "writeKey": "` + harness.WriteKey + `"
  }`,
	} {
		status, answer := server.Post("/v1/track", body)
		if status != http.StatusOK {
			t.Fatalf("POST /v1/track: got %d %s, want 200", status, answer)
		}
	}
	want := []harness.TrackEvent{{Name: "Example Event Name", Events: 2, Visitors: 1, Accounts: 1}}
	harness.Eventually(t, "both calls are Track Events", func() error {
		got, err := server.TrackEvents(harness.App)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("track events (-want +got):\n%s", diff)
		}
		return nil
	})
	visitor, err := server.Visitor(harness.App, "123")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(harness.Visitor{ID: "123", Accounts: []string{"account"}}, visitor); diff != "" {
		t.Errorf("visitor (-want +got):\n%s", diff)
	}
	for _, row := range server.Settled(2) {
		if row.Accepted != 2 || row.Delivered != 2 {
			t.Errorf("ledger: got %+v, want 2 accepted and 2 delivered", row)
		}
	}
}
