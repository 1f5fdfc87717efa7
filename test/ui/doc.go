// Package ui tests the interface in Chromium, against the real server: the journeys that people go, each from an empty browser, and every page for
// accessibility, in both color schemes and on narrow screens. Screenshots of the pages are in test/screenshots.
package ui
