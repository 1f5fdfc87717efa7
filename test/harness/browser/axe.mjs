// Looks for what keeps people from using a page.
import axe from 'axe-core'

// inspect lists what axe finds serious or critical on a page, each with the places and the reason. It brings axe to a page once, however often it is asked: the
// pages have no frames of others.
export async function inspect(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations)
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? v.help})`).join('; ')}`)
}
