// Package ui tests the interface in Chromium, against the real server: the journeys that people go, each from an
// empty browser, with answers that come late or not at all, and every page for accessibility. `make views` looks at
// each page in both color schemes, wide and narrow; screenshots are in test/screenshots.
package ui
