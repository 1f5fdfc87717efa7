//go:build e2e

package ui

import "testing"

// What the first page may take, in a browser that has seen nothing before. It is why it is there within a second on loopback; how long it took is in the
// log of the test, since no machine that others use too can be held to it.
const (
	firstPageMax = 350 << 10 // bytes of scripts, compressed
	scriptsMax   = 14        // files
	requestsMax  = 30        // files and answers of the API
	rounds       = 4         // answers to wait for, one after the other: the document; its scripts; the page, and who is signed in; what the page shows
)

func TestFirstPageIsSmall(t *testing.T) {
	t.Parallel()
	server, in := start(t, connected)
	type moment struct{ Millis, Painted int }
	got := visit[struct {
		SignIn, Overview moment
		Scripts          map[string]int
		Asked            []string
		Rounds           int // the page was there though each answer was held back until all of its round were asked for
	}](t, server, "first.mjs", in)
	sum := 0
	for _, size := range got.Scripts {
		sum += size
	}
	t.Logf("sign-in: painted after %d ms, has taken a key after %d ms; overview: painted after %d ms, is there and has reacted after %d ms",
		got.SignIn.Painted, got.SignIn.Millis, got.Overview.Painted, got.Overview.Millis)
	t.Logf("overview: %d bytes of scripts in %d files, %d requests", sum, len(got.Scripts), len(got.Asked))
	if sum == 0 || sum > firstPageMax || len(got.Scripts) > scriptsMax {
		t.Errorf("the first page has %d bytes of scripts in %d files, want at most %d in %d: %v", sum, len(got.Scripts), firstPageMax, scriptsMax, got.Scripts)
	}
	if len(got.Asked) > requestsMax {
		t.Errorf("the first page asks %d times, want at most %d: %v", len(got.Asked), requestsMax, got.Asked)
	}
	if got.Rounds != rounds {
		t.Errorf("the first page was there after %d rounds, want %d", got.Rounds, rounds)
	}
}
