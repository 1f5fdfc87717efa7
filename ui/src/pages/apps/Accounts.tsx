import { IconBuilding } from '@tabler/icons-react'

import { type AccountRow, useTableOfApp } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { spanQuery } from '../../lib/days'
import { compact, plural } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import type { Column } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Ago } from '../../parts/small'
import { Empty } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { PagedTable } from './PagedTable'
import { Flags } from './Visitors'

const defaults = { search: '', sort: '-lastSeen', span: 'all' }

const columns: Column<AccountRow>[] = [
  { id: 'id', label: 'Account', width: 'minmax(0, 1.6fr)', sort: 'id', cell: (a) => <span className="row" style={{ gap: 6 }}><span className="clip">{a.id}</span><Flags row={a} /></span> },
  { id: 'parent', label: 'Parent', width: 'minmax(0, 1fr)', wide: true, cell: (a) => a.parent ?? <span className="muted">–</span> },
  { id: 'visitors', label: 'Visitors', width: '86px', num: true, sort: 'visitors', cell: (a) => compact(a.visitors) },
  { id: 'events', label: 'Track Events', width: '104px', num: true, sort: 'events', cell: (a) => compact(a.events) },
  { id: 'first', label: 'First seen', width: '92px', sort: 'firstSeen', wide: true, cell: (a) => <Ago at={a.firstSeen} /> },
  { id: 'last', label: 'Last seen', width: '92px', sort: 'lastSeen', wide: true, cell: (a) => <Ago at={a.lastSeen} /> },
]

/** The accounts of an app. */
export function Accounts() {
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage active="accounts" full actions={<SpanPick value={state.span} onChange={(span) => set({ span })} />}>
      {(app) => <Content key={app.slug} app={app} state={state} set={set} />}
    </AppPage>
  )
}

type State = { [K in keyof typeof defaults]: string }

function Content({ app, state, set }: { app: App; state: State; set: (changes: Partial<State>) => void }) {
  const query = () => ({ ...spanQuery(state.span, Date.now()), search: state.search, sort: state.sort })
  const list = useTableOfApp<AccountRow>(app.slug, ['accounts'], query, state)
  const narrowed = state.search !== '' || state.span !== 'all'
  return (
    <div className={styles.page}>
      <div className={styles.filters}>
        <Search value={state.search} onSearch={(search) => set({ search })} label="Search accounts" className={styles.search} maw={420} />
        <span className="grow" />
        <CsvButton app={app.slug} parts={['accounts']} query={query()} />
      </div>
      <PagedTable
        list={list}
        label="Accounts"
        columns={columns}
        idOf={(a) => a.id}
        to={(a) => `${appBase(app.slug)}/accounts/${encodeURIComponent(a.id)}`}
        sort={state.sort}
        onSort={(sort) => set({ sort })}
        foot={(n) => plural(n, 'account')}
        empty={
          <Empty icon={<IconBuilding size={30} stroke={1.4} />} title={narrowed ? 'No account is so' : 'No account yet'}>
            {narrowed ? 'The search looks at parts of ids. A longer time may have it.' : 'A track call names its account by groupId, at its top level or in its properties; in context alone, it is ignored.'}
          </Empty>
        }
      />
    </div>
  )
}
