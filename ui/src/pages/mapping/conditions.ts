/** The condition builder's words for what /api/triggers/read calls by its own. */

export interface Condition {
  field: string
  name?: string
  operator: string
  value?: unknown
}

export interface Group {
  join: string
  conditions: Condition[]
}

export interface Form {
  join: string
  groups: Group[]
}

export const fieldLabels: { value: string; label: string }[] = [
  { value: 'type', label: 'Event Type' },
  { value: 'event', label: 'Event Name' },
  { value: 'userId', label: 'User ID' },
  { value: 'properties', label: 'Event Property' },
  { value: 'traits', label: 'Event Trait' },
  { value: 'context', label: 'Event Context' },
  { value: 'name', label: 'Page or Screen Name' },
]

export const typeLabels = [
  { value: 'track', label: 'Track' }, { value: 'identify', label: 'Identify' }, { value: 'page', label: 'Page' }, { value: 'screen', label: 'Screen' }, { value: 'group', label: 'Group' }, { value: 'alias', label: 'Alias' },
]

const members = ['properties', 'traits', 'context']

const operators: { value: string; label: string; takes: 'text' | 'number' | 'nothing'; of?: string[] }[] = [
  { value: '=', label: 'is', takes: 'text' },
  { value: '!=', label: 'is not', takes: 'text' },
  { value: 'contains', label: 'contains', takes: 'text' },
  { value: 'not_contains', label: 'does not contain', takes: 'text' },
  { value: 'starts_with', label: 'starts with', takes: 'text' },
  { value: 'not_starts_with', label: 'does not start with', takes: 'text' },
  { value: 'ends_with', label: 'ends with', takes: 'text' },
  { value: 'not_ends_with', label: 'does not end with', takes: 'text' },
  { value: 'exists', label: 'exists', takes: 'nothing', of: ['name', 'userId', ...members] },
  { value: 'not_exists', label: 'does not exist', takes: 'nothing', of: ['name', 'userId', ...members] },
  { value: 'is_true', label: 'is true', takes: 'nothing', of: ['userId', ...members] },
  { value: 'is_false', label: 'is false', takes: 'nothing', of: ['userId', ...members] },
  { value: 'number_equals', label: 'equals (number)', takes: 'number', of: members },
  { value: 'number_not_equals', label: 'does not equal (number)', takes: 'number', of: members },
  { value: '<', label: 'is less than', takes: 'number', of: members },
  { value: '<=', label: 'is at most', takes: 'number', of: members },
  { value: '>', label: 'is greater than', takes: 'number', of: members },
  { value: '>=', label: 'is at least', takes: 'number', of: members },
]

export function isMember(field: string): boolean {
  return members.includes(field)
}

export function operatorsOf(field: string): { value: string; label: string }[] {
  return operators.filter((o) => o.of === undefined || o.of.includes(field)).map(({ value, label }) => ({ value, label }))
}

export function takes(operator: string): 'text' | 'number' | 'nothing' {
  return operators.find((o) => o.value === operator)?.takes ?? 'text'
}

/** A condition after one of its parts was changed; what no longer fits begins anew. */
export function changed(condition: Condition, change: Partial<Condition>): Condition {
  const next = { ...condition, ...change }
  if (change.field !== undefined && change.field !== condition.field) {
    delete next.value
    if (isMember(next.field)) next.name = ''
    else delete next.name
    if (!operatorsOf(next.field).some((o) => o.value === next.operator)) next.operator = '='
  }
  if (takes(next.operator) === 'nothing') delete next.value
  else if (takes(next.operator) === 'number' && typeof next.value !== 'number') {
    const n = Number(next.value)
    if (next.value === undefined || next.value === '' || Number.isNaN(n)) delete next.value
    else next.value = n
  } else if (takes(next.operator) === 'text' && typeof next.value === 'number') next.value = String(next.value)
  return next
}

/** Whether every condition has all that it needs to be written as a text. */
export function isComplete(form: Form): boolean {
  return form.groups.length > 0 && form.groups.every((g) => g.conditions.length > 0 && g.conditions.every((c) => (!isMember(c.field) || (c.name ?? '') !== '') && (takes(c.operator) === 'nothing' || (c.value !== undefined && c.value !== ''))))
}

export const firstCondition: Condition = { field: 'type', operator: '=', value: 'track' }
