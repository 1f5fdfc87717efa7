// Drives Chromium for the tests in Go: see Browse in ../browser.go, which runs the programs that call drive.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { chromium } from 'playwright-core'
import './again.mjs'
import { delayed } from './answers.mjs'

// How long a step may take, in ms: as long as the harness waits for anything.
const patience = 300_000

// drive runs a program: an async function that is given what newTools makes, and returns what the test in Go is to get. It is called once in a process.
export async function drive(program) {
  for (const name of ['log', 'info', 'debug']) console[name] = console.error // the standard output is the answer's
  const { browser: endpoint, screenshots, input } = JSON.parse(await readAll(process.stdin))
  const browser = await chromium.connect(endpoint, { timeout: patience })
  const seen = { requests: [], console: [] }
  const tools = newTools(browser, screenshots, seen, input?.lateSeed)
  try {
    const output = await program({ input, ...tools })
    for (const context of browser.contexts()) await context.close() // then all that they had to say is said
    await answer({ output, requests: seen.requests.map(describe), console: seen.console })
  } catch (failure) {
    await explain(failure, browser, seen, tools)
    process.exitCode = 1
  } finally {
    await browser.close() // the connection, and what this program has opened: others use the browser too
  }
}

// newTools is what a program works with, beside its input. With a seed, answers of the API are late by random times.
function newTools(browser, screenshots, seen, lateSeed) {
  // newContext makes a browser profile of its own: storage, cookies, cache. Options are playwright's: viewport,
  // colorScheme, ... Animations are off in its pages: drawing their frames costs CPU time.
  const newContext = async (options = {}) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(patience)
    context.on('request', (request) => seen.requests.push(request))
    context.on('console', (line) => seen.console.push({ type: line.type(), text: line.text() }))
    if (lateSeed !== undefined) delayed(context, lateSeed)
    context.on('weberror', (error) => seen.console.push({ type: 'pageerror', text: String(error.error()?.stack ?? error.error()) }))
    return context
  }
  // newPage opens a page in a profile of its own.
  const newPage = async (options) => (await newContext(options)).newPage()
  // screenshot writes NAME.png to the test's folder. Options are playwright's: fullPage, clip, ...
  const screenshot = async (page, name, options = {}) => {
    await mkdir(screenshots, { recursive: true })
    await page.screenshot({ path: join(screenshots, `${name}.png`), ...options })
  }
  // requests is what the pages have asked for so far, in order.
  const requests = () => seen.requests.map(describe)
  return { newContext, newPage, screenshot, requests, until }
}

// until tries until a check returns something true, and returns that. After five minutes it fails with what the check last returned or threw.
async function until(what, check) {
  for (const end = Date.now() + patience; ;) {
    let last
    try {
      last = await check()
      if (last) return last
    } catch (problem) {
      last = problem
    }
    if (Date.now() > end) throw new Error(`${what}: not after ${patience / 1000} s: ${inspect(last)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function describe(request) {
  return {
    method: request.method(), url: request.url(), type: request.resourceType(), headers: request.headers(), body: request.postData() ?? '',
    status: request.existingResponse()?.status() ?? 0, failure: request.failure()?.errorText ?? '',
  }
}

// explain says on the standard error what went wrong, and what the pages were like.
async function explain(failure, browser, seen, { screenshot, requests }) {
  console.error(inspect(failure))
  for (const [i, page] of browser.contexts().flatMap((context) => context.pages()).entries()) {
    console.error(`page ${page.url()}: failure-${i}.png`)
    await screenshot(page, `failure-${i}`).catch((problem) => console.error(`no screenshot: ${problem.message}`))
  }
  for (const line of seen.console) console.error(`console ${line.type}: ${line.text}`)
  for (const request of requests()) console.error(`request ${request.method} ${request.url}: ${request.status} ${request.failure}`)
}

async function readAll(stream) {
  let text = ''
  for await (const part of stream.setEncoding('utf8')) text += part
  return text
}

function answer(value) {
  return new Promise((resolve, reject) => process.stdout.write(JSON.stringify(value), (problem) => (problem ? reject(problem) : resolve())))
}
