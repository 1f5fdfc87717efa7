//go:build e2e

package ui

import "testing"

// What a page may do with a list of 100,000 rows.
const (
	drawnMax = 100       // rows on the page at a time
	pagesMax = 30        // pages of rows that are asked for: of two tables at four places each, of a search in each, and of the raw events
	pageMax  = 128 << 10 // bytes of a page of rows
)

// An app with 100,000 visitors, each in an account of their own: the lists are looked at from their first to their last row, one of each is found by its
// name, and no more is loaded or drawn than what was looked at.
func TestLongLists(t *testing.T) {
	t.Parallel()
	server, in := start(t, app)
	got := visit[struct{ Rows, MostRows, Pages, Largest, Bytes int }](t, server, "lists.mjs", in)
	t.Logf("%d rows on the page at most; %d pages of rows, the largest of %d bytes; %d bytes in all", got.MostRows, got.Pages, got.Largest, got.Bytes)
	if got.Rows != 8 {
		t.Errorf("%d places were looked at, want 8", got.Rows)
	}
	if got.MostRows == 0 || got.MostRows > drawnMax {
		t.Errorf("%d rows were drawn at a time, want at most %d", got.MostRows, drawnMax)
	}
	if got.Pages == 0 || got.Pages > pagesMax {
		t.Errorf("%d pages of rows were asked for, want at most %d", got.Pages, pagesMax)
	}
	if got.Largest == 0 || got.Largest > pageMax {
		t.Errorf("a page of rows had %d bytes, want at most %d", got.Largest, pageMax)
	}
}
