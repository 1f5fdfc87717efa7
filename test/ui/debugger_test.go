//go:build e2e

package ui

import (
	"slices"
	"strings"
	"testing"
)

// What a debugger may cost while 2,000 events come in each second.
const (
	listedMax = 120 // rows on the page at a time
	busyMax   = 0.5 // part of the time that the page's own thread computes
)

// More comes in than anybody can read: the debugger draws a sample and says how many it did not draw, does at once what it is asked to, and finds each event
// that it did not draw.
func TestDebuggerUnderLoad(t *testing.T) {
	t.Parallel()
	server, in := start(t, app+`
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_000000000000000000001]}]
`)
	got := visit[struct {
		Sent, Rate, Drawn, Undrawn int
		Sampling                   string
		Still, Filtered            bool
		Missed, Found              []string
		Rows, Frames, Longest      int
		Blocked, Busy              float64
		BusyMicros                 int
	}](t, server, "debugger.mjs", in)
	t.Logf("%d events at %d/s: %d were drawn and %d went by, told as %q", got.Sent, got.Rate, got.Drawn, got.Undrawn, got.Sampling)
	t.Logf("the page's thread computed for %.0f%% of the time, %d µs for an event; tasks longer than 50 ms took %.0f%% of it, the longest %d ms; %d frames; %d rows at most",
		100*got.Busy, got.BusyMicros, 100*got.Blocked, got.Longest, got.Frames, got.Rows)
	if got.Drawn == 0 || got.Undrawn == 0 || got.Drawn+got.Undrawn != got.Sent {
		t.Errorf("%d were drawn and %d went by, of %d: want a sample, and all counted", got.Drawn, got.Undrawn, got.Sent)
	}
	if !strings.Contains(got.Sampling, "a sample is drawn") || !strings.Contains(got.Sampling, "went by undrawn") {
		t.Errorf("the page says %q, want that it draws a sample, and of how many", got.Sampling)
	}
	if !got.Still || !got.Filtered {
		t.Errorf("while events came in: stood still when paused %t, filtered %t, want both", got.Still, got.Filtered)
	}
	if want := append(slices.Clone(got.Missed), got.Missed[0]); !slices.Equal(got.Found, want) {
		t.Errorf("found %v, want %v", got.Found, want)
	}
	if got.Rows == 0 || got.Rows > listedMax {
		t.Errorf("%d rows on the page, want at most %d", got.Rows, listedMax)
	}
	if got.Busy <= 0 || got.Busy > busyMax {
		t.Errorf("the page's thread computed for %.2f of the time, want at most %.2f", got.Busy, busyMax)
	}
}
