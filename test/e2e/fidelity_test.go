//go:build e2e

package e2e

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/e2e/gosdk"
	"penstock/test/harness"
)

// sdk is a real SDK: how it is made to send, and what it says of itself.
type sdk struct {
	name, library string
	send          func(t *testing.T, host string, count int) []call
}

func sdks() []sdk {
	return []sdk{
		{"Segment for Node", "@segment/analytics-node", program("send-segment.mjs")},
		{"Segment for Go", "analytics-go", inGo},
		{"Rudder for Node", "analytics-node", program("send-rudder.mjs")},
	}
}

// inGo makes calls with Segment's Go SDK.
func inGo(t *testing.T, host string, count int) []call {
	t.Helper()
	sent, err := gosdk.Send(host, harness.WriteKey, count)
	if err != nil {
		t.Fatal(err)
	}
	calls := make([]call, 0, count)
	for _, raw := range sent {
		calls = append(calls, parseCall(t, raw))
	}
	return calls
}

// program runs a program of Node that prints what it sends.
func program(file string) func(t *testing.T, host string, count int) []call {
	return func(t *testing.T, host string, count int) []call {
		t.Helper()
		var calls []call
		for line := range bytes.Lines(harness.Node(t, file, host, harness.WriteKey, strconv.Itoa(count))) {
			calls = append(calls, parseCall(t, line))
		}
		if len(calls) != count {
			t.Fatalf("node %s: made %d calls, want %d", file, len(calls), count)
		}
		return calls
	}
}

// What each SDK is told is what the log holds, call by call and field by field. The log read by its API is the log that tail prints.
func TestSDKsAreTakenAtTheirWord(t *testing.T) {
	t.Parallel()
	const count = 600
	for _, sdk := range sdks() {
		t.Run(sdk.name, func(t *testing.T) {
			t.Parallel()
			sink := harness.NewSink(t)
			server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
			calls := sdk.send(t, server.URL, count)
			lines := server.Log(harness.Source)
			firsts, again := delivered(t, lines)
			if again != 0 {
				t.Errorf("%d calls came again, want none", again)
			}
			wantCalls(t, calls, firsts, sdk.library)

			printed, err := server.Command("tail", "--source", harness.Source, "--from", "start", "--no-follow", "--json")
			if err != nil {
				t.Fatal(err)
			}
			tail, err := harness.Lines([]byte(printed))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lines, tail, cmp.Comparer(bytes.Equal)); diff != "" {
				t.Errorf("the API and tail do not say the same (-API +tail):\n%.2000s", diff)
			}
		})
	}
}

// Whatever goes wrong on the way, each call is in the log once in effect: what an SDK sends again, because it was not answered, is a duplicate that names its
// first, and is not delivered again.
func TestSDKsTryAgain(t *testing.T) {
	t.Parallel()
	const count = 400
	plans := [][]harness.Fault{
		{harness.ResetAfter},
		{harness.Unavailable, harness.ResetBefore},
		{harness.TooMany, harness.ResetAfter},
		{},
		{harness.ResetAfter, harness.Unavailable, harness.ResetAfter},
	}
	for _, sdk := range sdks() {
		t.Run(sdk.name, func(t *testing.T) {
			t.Parallel()
			sink := harness.NewSink(t)
			server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
			proxy := harness.NewProxy(t, server.URL, plans...)
			calls := sdk.send(t, proxy.URL, count)

			faults := proxy.Faults()
			for _, fault := range []harness.Fault{harness.Unavailable, harness.TooMany, harness.ResetBefore, harness.ResetAfter} {
				if faults[fault] == 0 {
					t.Errorf("nothing went wrong with %s: %v", fault, faults)
				}
			}
			firsts, again := delivered(t, server.Log(harness.Source))
			wantCalls(t, calls, firsts, sdk.library)
			if again == 0 || proxy.Again() == 0 {
				t.Errorf("%d calls came again in %d requests, want some", again, proxy.Again())
			}

			tracks := 0
			for _, c := range calls {
				if c.text("type") == "track" && c["integrations"] == nil {
					tracks++
				}
			}
			for _, row := range server.Settled(len(calls) + again) {
				if row.Accepted != len(calls)+again || row.Duplicate != again || row.Sum() != row.Accepted {
					t.Errorf("ledger: got %+v, want %d accepted, of which %d are duplicates", row, len(calls)+again, again)
				}
			}
			if sent := server.WantSentOnce(harness.ToSink, sink.Deliveries()); len(sent) < tracks {
				t.Errorf("%d calls were delivered, want at least the %d Track calls", len(sent), tracks)
			}
		})
	}
}
