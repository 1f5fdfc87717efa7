// Package ui tests the interface in Chromium, against the real server: the journeys that people go, each from an
// empty browser, and every page for accessibility. `make views` looks at each page in both color schemes, wide and
// narrow; screenshots are in test/screenshots.
//
// Every form that asks the server is filled in while its answers are late, lost, or out of order, and the main journeys
// are run so, too: an answer that arrives later takes back nothing that was chosen. A form of the interface is in
// forms.json, with its troubles, and its cases are in one of forms-*.mjs.
package ui
