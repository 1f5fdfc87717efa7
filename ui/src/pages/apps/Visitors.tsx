import { SegmentedControl, Select } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'

import { useTableOfApp, type VisitorRow } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { spanQuery } from '../../lib/days'
import { compact, plural } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import type { Column } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Empty } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { PagedTable } from './PagedTable'

const defaults = { search: '', sort: '-lastSeen', anonymous: '', frequency: '', account: '', span: 'all' }

export function FrequencyPill({ frequency }: { frequency: string }) {
  if (frequency === '') return <span className="muted">–</span>
  return <Pill tone={frequency === 'high' ? 'ok' : frequency === 'medium' ? 'accent' : 'idle'} title="How many of the last 30 days somebody was active">{frequency}</Pill>
}

export function Flags({ row }: { row: { excluded: boolean; doNotProcess: boolean } }) {
  return (
    <>
      {row.excluded && <Pill tone="idle" title="Left out of what is counted">excluded</Pill>}
      {row.doNotProcess && <Pill tone="warn" title="What comes for it is not processed">not processed</Pill>}
    </>
  )
}

const columns: Column<VisitorRow>[] = [
  { id: 'id', label: 'Visitor', width: 'minmax(0, 1.6fr)', sort: 'id', cell: (v) => <span className="row" style={{ gap: 6 }}><span className="clip">{v.id}</span>{v.anonymous && <Pill tone="idle">anonymous</Pill>}<Flags row={v} /></span> },
  { id: 'accounts', label: 'Accounts', width: 'minmax(0, 1fr)', wide: true, cell: (v) => (v.accounts.length === 0 ? <span className="muted">none</span> : <>{v.accounts.slice(0, 2).join(', ')}{v.accounts.length > 2 && <span className="muted"> +{v.accounts.length - 2}</span>}</>) },
  { id: 'events', label: 'Track Events', width: '104px', num: true, sort: 'events', cell: (v) => compact(v.events) },
  { id: 'days', label: 'Days of 30', width: '92px', num: true, sort: 'activeDays', wide: true, cell: (v) => v.activeDays },
  { id: 'frequency', label: 'Frequency', width: '84px', wide: true, cell: (v) => <FrequencyPill frequency={v.frequency} /> },
  { id: 'first', label: 'First seen', width: '92px', sort: 'firstSeen', wide: true, cell: (v) => <Ago at={v.firstSeen} /> },
  { id: 'last', label: 'Last seen', width: '92px', sort: 'lastSeen', cell: (v) => <Ago at={v.lastSeen} /> },
]

/** The visitors of an app. */
export function Visitors() {
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage active="visitors" full actions={<SpanPick value={state.span} onChange={(span) => set({ span })} />}>
      {(app) => <Content key={app.slug} app={app} state={state} set={set} />}
    </AppPage>
  )
}

type State = { [K in keyof typeof defaults]: string }

function Content({ app, state, set }: { app: App; state: State; set: (changes: Partial<State>) => void }) {
  const { span, ...filters } = state
  const query = () => ({ ...spanQuery(span, Date.now()), ...filters })
  const list = useTableOfApp<VisitorRow>(app.slug, ['visitors'], query, state)
  const narrowed = state.search + state.anonymous + state.frequency + state.account !== '' || span !== 'all'
  return (
    <div className={styles.page}>
      <div className={styles.filters}>
        <Search value={state.search} onSearch={(search) => set({ search })} label="Search visitors" className={styles.search} maw={420} />
        <SegmentedControl aria-label="Which visitors" data={[{ value: '', label: 'All' }, { value: 'false', label: 'Known' }, { value: 'true', label: 'Anonymous' }]} value={state.anonymous} onChange={(anonymous) => set({ anonymous })} />
        <Select
          aria-label="Frequency"
          placeholder="Any frequency"
          clearable
          data={withChosen(['low', 'medium', 'high'], state.frequency)}
          value={state.frequency || null}
          onChange={(v) => set({ frequency: v ?? '' })}
          w={140}
        />
        <span className="grow" />
        <CsvButton app={app.slug} parts={['visitors']} query={query()} />
      </div>
      <PagedTable
        list={list}
        label="Visitors"
        columns={columns}
        idOf={(v) => v.id}
        to={(v) => `${appBase(app.slug)}/visitors/${encodeURIComponent(v.id)}`}
        sort={state.sort}
        onSort={(sort) => set({ sort })}
        foot={(n) => plural(n, 'visitor')}
        empty={
          <Empty icon={<IconUsers size={30} stroke={1.4} />} title={narrowed ? 'No visitor is so' : 'No visitor yet'}>
            {narrowed ? 'The search looks at parts of ids and of metadata that names people.' : 'Whoever a call names by userId, or the agent by visitor.id, is a visitor from then on.'}
          </Empty>
        }
      />
    </div>
  )
}
