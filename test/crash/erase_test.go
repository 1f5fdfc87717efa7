package crash

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/test/harness"
)

const (
	erasedVisitor = "visitor-who-is-to-be-forgotten"
	otherVisitor  = "visitor-who-stays"
	batches       = 150
)

// A server that is killed again and again while it erases a visitor finishes all the same: the visitor is in no answer, and in no file of the log; everything else is where
// it was, and the ledger has not moved.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
	for batch := range batches {
		var events []string
		for i, visitor := range []string{erasedVisitor, otherVisitor, otherVisitor} {
			events = append(events, fmt.Sprintf(`{"type":"track","event":"Erase","messageId":"m-%d-%d","userId":%q,"properties":{"groupId":"account","pad":%q}}`, batch, i, visitor, strings.Repeat("x", 2000)))
		}
		if status, answer := server.Post("/v1/batch", fmt.Sprintf(`{"writeKey":%q,"batch":[%s]}`, harness.WriteKey, strings.Join(events, ","))); status != http.StatusOK {
			t.Fatalf("batch %d: %d %s", batch, status, answer)
		}
	}
	before := server.Settled(3 * batches)
	server.WantTrackEvents(3 * batches)

	job, err := server.Erase([]string{erasedVisitor}, harness.Source)
	if err != nil {
		t.Fatal(err)
	}
	kills := 0
	for ; kills < 5; kills++ {
		server.WantTrackEvents(2 * batches) // the visitor is masked from the first answer on
		if job, err = server.Erasure(job.ID); err != nil {
			t.Fatal(err)
		}
		if job.State == "done" {
			break
		}
		server.Kill()
		server.Restart()
	}
	harness.Eventually(t, "the erasure is done", func() error {
		if job, err = server.Erasure(job.ID); err == nil && job.State != "done" {
			err = fmt.Errorf("it is %s", job.State)
		}
		return err
	})
	t.Logf("killed %d times; %d lines in %d frames were rewritten after the last", kills, job.Lines, job.Frames)
	server.WantTrackEvents(2 * batches)
	if after := server.Settled(3 * batches); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("ledger: %+v, before the erasure %+v", after, before)
	}
	journey, err := server.Journey("m-7-0")
	if err != nil || len(journey.Arrivals) != 1 {
		t.Errorf("journey of an erased event: %+v, %v", journey, err)
	}
	server.Kill() // nothing is written any more
	wantNowhere(t, server.Folder())
	server.Restart()
	server.WantTrackEvents(2 * batches)
}

// wantNowhere looks through the files of the log.
func wantNowhere(t *testing.T, folder string) {
	t.Helper()
	others := 0
	err := filepath.WalkDir(filepath.Join(folder, "jetstream"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if n := bytes.Count(data, []byte(erasedVisitor)); n > 0 {
			t.Errorf("%s names the visitor %d times", strings.TrimPrefix(path, folder), n)
		}
		others += bytes.Count(data, []byte(otherVisitor))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if others < batches {
		t.Errorf("the other visitor is named %d times, want %d at least: the search finds nothing", others, batches)
	}
}
