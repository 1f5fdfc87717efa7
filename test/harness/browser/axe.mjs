// Looks for what keeps people from using a page.
import AxeBuilder from '@axe-core/playwright'

// inspect lists what axe finds serious or critical on a page, each with the places and the reason.
export async function inspect(page) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? v.help})`).join('; ')}`)
}
