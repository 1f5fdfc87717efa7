//go:build e2e

package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// A page of another origin, without an SDK: it may read every answer, and what it has to read of one; its images are images, and its beacons arrive.
func TestPageReadsAnswers(t *testing.T) {
	t.Parallel()
	type answer struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
	}
	type image struct{ Width, Height int }
	type answers struct {
		Taken, Refused, UnknownPath, Settings, UnknownKey answer
		Pixel, Dotted, RefusedPixel                       image
		Large                                             answer
		Limited                                           struct {
			Status            int
			RetryAfter, Reset string
			Body              string
		}
		Host string
	}
	ids := []string{"beacon-1", "beacon-2", "fetch-1", "pixel-1", "pixel-2"}
	server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback, "--rate-limit=20")
	seen := harness.Browse[answers](t, "browser/answers.mjs", map[string]any{
		"penstock": server.URL, "writeKey": harness.WriteKey, "api": server.URL, "token": harness.Token, "source": harness.Source, "want": len(ids),
	})
	got := seen.Output
	for name, c := range map[string]struct {
		got    answer
		status int
		says   string
	}{
		"event":           {got.Taken, http.StatusOK, `{"success":true}`},
		"event, refused":  {got.Refused, http.StatusBadRequest, `"code":"event_not_defined"`},
		"path":            {got.UnknownPath, http.StatusNotFound, "/v1/nowhere"},
		"settings":        {got.Settings, http.StatusOK, `"apiHost":"` + strings.TrimPrefix(server.URL, "http://") + `/v1","protocol":"http"`},
		"settings, key":   {got.UnknownKey, http.StatusNotFound, `"nobody" belongs to no source`},
		"batch":           {got.Large, http.StatusOK, ""},
		"one event more":  {answer{got.Limited.Status, got.Limited.Body}, http.StatusTooManyRequests, "rate_limited"},
		"its Retry-After": {answer{0, "in " + got.Limited.RetryAfter + " s"}, 0, "in " + got.Limited.Reset + " s"},
	} {
		if c.got.Status != c.status || !strings.Contains(c.got.Body, c.says) {
			t.Errorf("%s: the page sees %d %s, want %d %s", name, c.got.Status, c.got.Body, c.status, c.says)
		}
	}
	if got.Limited.RetryAfter == "" || !strings.Contains(got.Limited.Body, " "+got.Limited.RetryAfter+" s") {
		t.Errorf("the page sees Retry-After %q, want that of %s", got.Limited.RetryAfter, got.Limited.Body)
	}
	for name, i := range map[string]image{"pixel": got.Pixel, "dotted": got.Dotted, "refused": got.RefusedPixel} {
		if i != (image{1, 1}) {
			t.Errorf("%s: the image is %+v, want 1 by 1", name, i)
		}
	}
	var inLog []string
	for _, line := range server.Log(harness.Source) {
		if line.Rejected != nil {
			continue
		}
		if id := parseCall(t, line.Event).text("messageId"); !strings.HasPrefix(id, "many-") {
			inLog = append(inLog, id)
			if line.Origin.Channel != "client" {
				t.Errorf("%s: origin %+v, want that of a client", id, line.Origin)
			}
		}
	}
	slices.Sort(inLog)
	if diff := cmp.Diff(ids, inLog); diff != "" {
		t.Errorf("in the log (-want +got):\n%s", diff)
	}
}

// A page with a write key that nobody knows is told so in its console, and asks nobody else.
func TestPageWithUnknownKey(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback)
	type told struct{ Type, Text, Host string }
	for form, says := range map[string]string{
		"snippet": `Penstock: the write key "wk_nobody" belongs to no source`,
		"npm":     "404",
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			seen := harness.Browse[told](t, "browser/unknown.mjs", map[string]string{"form": form, "penstock": server.URL, "writeKey": "wk_nobody", "console": says})
			if seen.Output.Type != "error" {
				t.Errorf("the console has a line of type %s: %s", seen.Output.Type, seen.Output.Text)
			}
			if others := seen.ToOthers(seen.Output.Host, strings.TrimPrefix(server.URL, "http://")); others != nil {
				t.Errorf("the page has asked somebody else: %s", others)
			}
		})
	}
}
