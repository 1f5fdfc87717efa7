import { drive } from '../harness/browser/drive.mjs'
import { signIn } from './steps.mjs'

await drive(async ({ input, newPage, requests }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  await page.getByRole('region', { name: 'Live map' }).getByRole('link', { name: /Pendo/ }).waitFor()
  const scripts = {}
  for (const { url } of requests().filter((r) => r.type === 'script')) {
    const response = await fetch(url, { headers: { 'Accept-Encoding': 'gzip' } })
    await response.arrayBuffer()
    const length = Number(response.headers.get('content-length'))
    if (response.headers.get('content-encoding') !== 'gzip' || !(length > 0)) throw new Error(`${url} does not say how long it is`)
    scripts[new URL(url).pathname] = length
  }
  return { scripts }
})
