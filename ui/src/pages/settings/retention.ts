import type { Schemas } from '../../api/client'
import { bytes } from '../../lib/format'

type Rule = Schemas['Retention']

/** How long a source is kept, while it is changed: what is empty is as the server says. Sizes are in gigabytes. */
export interface RuleForm {
  days: number | ''
  size: number | ''
  backlogHours: number | ''
  backlogSize: number | ''
  whenFull: '' | 'refuse' | 'discard'
}

const giga = 1e9

function shown(n: number | undefined, unit = 1): number | '' {
  return n === undefined || n === 0 ? '' : n / unit
}

export function formOf(r: Rule | undefined): RuleForm {
  return { days: shown(r?.days), size: shown(r?.bytes, giga), backlogHours: shown(r?.backlogHours), backlogSize: shown(r?.backlogBytes, giga), whenFull: (r?.whenFull ?? '') as RuleForm['whenFull'] }
}

/** The rule as it is saved; {} is as the server says. */
export function ruleOf(f: RuleForm): Rule {
  return {
    ...(f.days ? { days: f.days } : {}),
    ...(f.size ? { bytes: Math.round(f.size * giga) } : {}),
    ...(f.backlogHours ? { backlogHours: f.backlogHours } : {}),
    ...(f.backlogSize ? { backlogBytes: Math.round(f.backlogSize * giga) } : {}),
    ...(f.whenFull ? { whenFull: f.whenFull } : {}),
  }
}

/** What a source says of itself, in a few words. */
export function ruleText(r: Rule | undefined): string {
  if (r === undefined) return 'as the server'
  const said = [r.days && `${r.days} days`, r.bytes && bytes(r.bytes), r.backlogHours && `backlog ${r.backlogHours} h`, r.backlogBytes && `backlog ${bytes(r.backlogBytes)}`, r.whenFull && (r.whenFull === 'discard' ? 'full: discard the oldest' : 'full: refuse new ones')]
  return said.filter(Boolean).join(', ') || 'as the server'
}
