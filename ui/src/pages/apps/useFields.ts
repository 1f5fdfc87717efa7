import { type DictionaryRow, type MetadataStats, useOfApp } from '../../api/analytics'

const propertiesMax = 300

export interface FieldGroup {
  group: string
  items: { value: string; label: string }[]
}

/** The fields that events can be grouped and filtered by: their own, those of their properties, and metadata of visitors and accounts. */
export function useFields(app: string, events: string[]): FieldGroup[] {
  const only = events.length === 1 ? events[0] : undefined
  const properties = useOfApp<DictionaryRow[]>(app, ['dictionary', 'properties'], () => ({ event: only, limit: propertiesMax }), ['fields', only])
  const metadata = useOfApp<MetadataStats[]>(app, ['dictionary', 'metadata'], () => ({}), 'fields')
  const keys = [...new Set((properties.data ?? []).filter((p) => only !== undefined || events.length === 0 || events.includes(p.event)).map((p) => p.key))].sort()
  const ofKind = (kind: string) => [...new Set((metadata.data ?? []).filter((m) => m.kind === kind).map((m) => `${m.group}.${m.field}`))].sort()
  return [
    { group: 'Event', items: [{ value: 'event', label: 'Track Event' }, { value: 'visitor', label: 'Visitor' }, { value: 'account', label: 'Account' }, { value: 'via', label: 'By way of' }] },
    { group: 'Properties', items: keys.map((k) => ({ value: `property:${k}`, label: k })) },
    { group: 'Visitor metadata', items: ofKind('visitor').map((f) => ({ value: `visitor:${f}`, label: f })) },
    { group: 'Account metadata', items: ofKind('account').map((f) => ({ value: `account:${f}`, label: f })) },
  ].filter((g) => g.items.length > 0)
}

/** The fields of groups, with one that an address names though it was not seen. */
export function withField(groups: FieldGroup[], field: string): FieldGroup[] {
  if (field === '' || groups.some((g) => g.items.some((i) => i.value === field))) return groups
  return [...groups, { group: 'Named in the address', items: [{ value: field, label: field }] }]
}
