import { SegmentedControl, Select } from '@mantine/core'
import { IconBook2 } from '@tabler/icons-react'
import { Link } from 'react-router'

import { type DictionaryRow, type MetadataStats, useTableOfApp, useOfApp } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { compact, plural, share } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { type Column, LongTable } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage } from './AppPage'
import { CsvButton } from './Csv'
import { PagedTable } from './PagedTable'
import { PropertyProblem, typesLabel, valueLabel } from './words'

const defaults = { of: 'properties', search: '', kind: '', event: '' }
type State = { [K in keyof typeof defaults]: string }
interface Props {
  app: App
  state: State
  set: (changes: Partial<State>) => void
}

/** What was seen in the data of an app: the properties of its Track Events, and the metadata of visitors and accounts. */
export function Dictionary() {
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage active="dictionary" full>
      {(app) => (
        <div className={styles.page} key={app.slug}>
          <div className={styles.filters}>
            <SegmentedControl aria-label="What" data={[{ value: 'properties', label: 'Properties' }, { value: 'metadata', label: 'Metadata' }]} value={state.of} onChange={(of) => set({ of, search: '' })} />
            <Search value={state.search} onSearch={(search) => set({ search })} label={state.of === 'metadata' ? 'Search fields' : 'Search properties'} className={styles.search} maw={360} />
            {state.of === 'metadata' && <Select aria-label="Whose" placeholder="Of both" clearable data={[{ value: 'visitor', label: 'Of visitors' }, { value: 'account', label: 'Of accounts' }]} value={state.kind || null} onChange={(v) => set({ kind: v ?? '' })} w={140} />}
            <span className="grow" />
            <CsvButton app={app.slug} parts={['dictionary', state.of]} query={{ search: state.search, ...(state.of === 'metadata' ? { kind: state.kind } : { event: state.event }) }} />
          </div>
          {state.of === 'metadata' ? <Metadata app={app} state={state} set={set} /> : <Properties app={app} state={state} set={set} />}
        </div>
      )}
    </AppPage>
  )
}

const propertyColumns = (app: string): Column<DictionaryRow>[] => [
  { id: 'key', label: 'Property', width: 'minmax(0, 1fr)', cell: (p) => <code>{p.key}</code> },
  { id: 'event', label: 'Track Event', width: 'minmax(0, 1.2fr)', cell: (p) => <Link to={`${appBase(app)}/events/${encodeURIComponent(p.event)}`}>{p.event}</Link> },
  { id: 'types', label: 'Types', width: 'minmax(0, 0.8fr)', wide: true, cell: (p) => <span className="muted">{typesLabel(p.types)}</span> },
  { id: 'fill', label: 'Filled', width: '66px', num: true, cell: (p) => share(p.fill, 1) },
  { id: 'cardinality', label: 'Values', width: '70px', num: true, wide: true, cell: (p) => compact(p.cardinality) },
  { id: 'examples', label: 'Such as', width: 'minmax(0, 1.2fr)', wide: true, cell: (p) => <span className="muted">{p.examples.map(valueLabel).join(', ')}</span> },
  { id: 'problem', label: 'Warnings', width: '104px', wide: true, cell: (p) => p.problem !== undefined && <PropertyProblem problem={p.problem} /> },
]

function Properties({ app, state, set }: Props) {
  const list = useTableOfApp<DictionaryRow>(app.slug, ['dictionary', 'properties'], () => ({ search: state.search, event: state.event }), [state.search, state.event])
  return (
    <PagedTable
      list={list}
      label="Properties"
      columns={propertyColumns(app.slug)}
      idOf={(p) => `${p.event}\n${p.key}`}
      to={(p) => `${appBase(app.slug)}/events/${encodeURIComponent(p.event)}?property=${encodeURIComponent(p.key)}`}
      foot={(n) => plural(n, 'property', 'properties')}
      empty={
        <Empty icon={<IconBook2 size={30} stroke={1.4} />} title={state.search === '' ? 'No property was seen yet' : 'No property of such a name'} action={state.event !== '' && <button type="button" className="plain" onClick={() => set({ event: '' })}>Of all Track Events</button>}>
          What Track calls have in properties is listed here, by Track Event.
        </Empty>
      }
    />
  )
}

const collisionWords: Record<string, { label: string; title: string }> = {
  case: { label: 'case', title: 'It was sent under names that differ only in case. Names become lower case, so the later one is kept.' },
  group: { label: 'in two groups', title: 'A field of the same name is in another group as well: which of them is meant?' },
  object: { label: 'object', title: 'It came as an object, which is passed over. Send its members as fields of their own.' },
}

const metadataColumns: Column<MetadataStats>[] = [
  { id: 'field', label: 'Field', width: 'minmax(0, 1fr)', cell: (m) => <code>{m.group}.{m.field}</code> },
  { id: 'kind', label: 'Of', width: '62px', cell: (m) => m.kind },
  { id: 'names', label: 'Sent as', width: 'minmax(0, 0.9fr)', wide: true, cell: (m) => <span className="muted">{m.names.join(', ')}</span> },
  { id: 'types', label: 'Types', width: 'minmax(0, 0.7fr)', wide: true, cell: (m) => <span className="muted">{typesLabel(m.types)}</span> },
  { id: 'holders', label: 'Have it', width: '70px', num: true, wide: true, cell: (m) => compact(m.holders) },
  { id: 'distinct', label: 'Values', width: '70px', num: true, wide: true, cell: (m) => compact(m.distinct) },
  { id: 'example', label: 'Such as', width: 'minmax(0, 0.8fr)', wide: true, cell: (m) => <span className="muted">{valueLabel(m.example)}</span> },
  { id: 'last', label: 'Last seen', width: '84px', wide: true, cell: (m) => <Ago at={m.lastSeen} /> },
  { id: 'collisions', label: 'Collisions', width: '98px', cell: (m) => m.collisions.map((c) => <Pill key={c} tone="warn" title={collisionWords[c]?.title ?? c}>{collisionWords[c]?.label ?? c}</Pill>) },
]

function Metadata({ app, state }: Props) {
  const all = useOfApp<MetadataStats[]>(app.slug, ['dictionary', 'metadata'], () => ({ search: state.search, kind: state.kind }), [state.search, state.kind])
  return (
    <Loaded query={all}>
      {(rows) =>
        rows.length === 0 ? (
          <div className="card">
            <Empty icon={<IconBook2 size={30} stroke={1.4} />} title={state.search === '' ? 'No metadata was seen yet' : 'No field of such a name'}>
              Traits of Segment identify and group calls, and what the agent is given, are listed here.
            </Empty>
          </div>
        ) : (
          <LongTable label="Metadata" columns={metadataColumns} rows={rows} idOf={(m) => `${m.kind} ${m.group}.${m.field}`} foot={plural(rows.length, 'field')} />
        )
      }
    </Loaded>
  )
}
