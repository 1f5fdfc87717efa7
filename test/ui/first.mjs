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
    scripts[new URL(url).pathname] = Number(response.headers.get('content-length'))
  }
  return { scripts }
})
