import { readFileSync } from 'node:fs'

import { matchRoutes, type RouteObject } from 'react-router'
import { expect, test } from 'vitest'

import { routes } from './routes'

/** The pages that the browser test looks at, by the names of their screenshots. */
const visited = JSON.parse(readFileSync(new URL('../../test/ui/pages.json', import.meta.url), 'utf8')) as Record<string, { path: string }>

/** The routes that are pages, each by its whole pattern. */
function pagesOf(all: RouteObject[], above = ''): string[] {
  return all.flatMap((route) => {
    const pattern = [above, route.path ?? ''].filter((part) => part !== '' && part !== '/').join('/') || '/'
    return route.children === undefined ? [pattern] : pagesOf(route.children, pattern)
  })
}

function patternOf(path: string): string {
  const parts = (matchRoutes(routes, path) ?? []).map((m) => m.route.path ?? '')
  return parts.filter((part) => part !== '' && part !== '/').join('/') || '/'
}

test('the browser test looks at every page', () => {
  const all = pagesOf(routes)
  expect(all.length).toBeGreaterThan(40)
  const seen = new Set(Object.values(visited).map((v) => patternOf(v.path.replace(/[?#].*/, ''))))
  expect(all.filter((pattern) => !seen.has(pattern))).toEqual([])
})

test('what it looks at is there: one address alone is of no page', () => {
  const nowhere = Object.entries(visited).filter(([, v]) => patternOf(v.path.replace(/[?#].*/, '')) === '*')
  expect(nowhere.map(([name]) => name)).toEqual(['nothing'])
})
