//go:build views

package ui

import "testing"

// What TestPages wants of a page holds in either color scheme, wide and narrow. Each view is a screenshot, to be
// looked at.
func TestViews(t *testing.T) { lookAtPages(t, true) }
