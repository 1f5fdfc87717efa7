// Package harness runs the real Penstock binary for tests: it builds it once for each test process, starts it on a free
// loopback port and a folder of the test's own, asks its API and its command line, kills it, and starts it again.
//
// Browse drives Chromium. Beside the test stands a program of Node:
//
//	import { drive } from '../harness/browser/drive.mjs'
//
//	await drive(async ({ input, newPage, screenshot }) => {
//	  const page = await newPage()
//	  await page.goto(input.url)
//	  await screenshot(page, 'start')
//	  return { title: await page.title() }
//	})
//
// and the test, which has the build tag e2e, asks what came of it:
//
//	visit := harness.Browse[struct{ Title string }](t, "start.mjs", map[string]string{"url": server.URL})
//	// visit.Output.Title, visit.Requests, visit.ToOthers(host), visit.Console, visit.Errors()
//
// Pages are of playwright-core. No name but localhost has an address in them, certificates are not checked, and screenshots are in
// test/screenshots, in a folder of the test's name.
//
// With test/harness/browser/answers.mjs, answers of the API come late, get lost, or overtake each other: hold gives a
// program those to one page in hand, and delayed holds back each by a random time. An input that has a lateSeed makes
// drive apply delayed to all pages, so that any program can be run with late answers.
//
// It knows Penstock only as its users do: by flags, environment, HTTP and the output of commands.
package harness
