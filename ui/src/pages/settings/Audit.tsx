import { Button, Drawer, Select } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { IconHistory } from '@tabler/icons-react'
import { useMemo } from 'react'

import { client, type Schemas, unwrap } from '../../api/client'
import { differences } from '../../lib/changes'
import { count, fullTime, plural } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { rangeMillis } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { Grid } from '../../parts/Grid'
import { Json } from '../../parts/Json'
import { type Column, LongTable } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Ago, Pill, type Tone } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import styles from './Settings.module.css'
import { SettingsFrame } from './SettingsFrame'

const defaults = { actor: '', action: '', kind: '', name: '', range: '', at: '' }
const tones: Record<string, Tone> = { create: 'ok', update: 'accent', delete: 'bad', 'sign-in-failed': 'warn' }
const times = [
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
]
const actions = ['create', 'update', 'delete', 'sign-in', 'sign-in-failed', 'sign-out', 'rotate']
const kinds = [
  'source', 'destination', 'mapping', 'filter', 'app', 'label', 'user', 'token', 'session', 'secrets',
]
const pageSize = 100

type Entry = Schemas['AuditEntry']

const columns: Column<Entry>[] = [
  { id: 'at', label: 'When', width: '92px', cell: (e) => <Ago at={e.at} /> },
  { id: 'action', label: 'Action', width: '118px', cell: (e) => <Pill tone={tones[e.action] ?? 'idle'}>{e.action}</Pill> },
  { id: 'kind', label: 'Kind', width: '100px', wide: true, cell: (e) => <span className="muted">{e.kind}</span> },
  { id: 'name', label: 'What', width: 'minmax(0, 1.4fr)', cell: (e) => e.name ?? e.id ?? <span className="muted">–</span> },
  { id: 'actor', label: 'Who', width: 'minmax(0, 1fr)', wide: true, cell: (e) => e.actor?.name ?? <span className="muted">nobody</span> },
  { id: 'address', label: 'From', width: '130px', wide: true, cell: (e) => <span className="muted">{e.address}</span> },
]

/** Who changed what, and when. */
export function Audit() {
  return (
    <SettingsFrame active="audit" full>
      <Trail />
    </SettingsFrame>
  )
}

function Trail() {
  const [state, set] = useUrlState(defaults)
  const { at, range, ...filters } = state
  const list = useInfiniteQuery({
    queryKey: ['audit', filters, range],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const given = Object.fromEntries(Object.entries(filters).filter(([, v]) => v !== ''))
      const since = range === '' ? {} : { since: new Date(Date.now() - rangeMillis(range)).toISOString() }
      return unwrap(client.GET('/api/audit', { params: { query: { limit: pageSize, ...given, ...since, ...(pageParam && { before: pageParam }) } as never }, signal }))
    },
    getNextPageParam: (last: Schemas['AuditOutputBody']) => last.next,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data])
  const filtered = Object.values(filters).some((v) => v !== '') || range !== ''
  return (
    <div className={styles.page}>
      <div className="row wrap">
        <Search value={state.name} onSearch={(name) => set({ name })} label="Name of what was changed" style={{ flex: '1 1 200px' }} maw={320} />
        <Search value={state.actor} onSearch={(actor) => set({ actor })} label="Who" data-search={undefined} rightSection={null} style={{ flex: '1 1 120px' }} maw={200} />
        <Select
          aria-label="Action"
          placeholder="Any action"
          clearable
          w={140}
          data={withChosen(actions, state.action)}
          value={state.action || null}
          onChange={(v) => set({ action: v ?? '' })}
        />
        <Select
          aria-label="Kind"
          placeholder="Any kind"
          clearable
          w={140}
          data={withChosen(kinds, state.kind)}
          value={state.kind || null}
          onChange={(v) => set({ kind: v ?? '' })}
        />
        <Select
          aria-label="Time"
          placeholder="Any time"
          clearable
          w={130}
          data={withChosen(times, state.range)}
          value={state.range || null}
          onChange={(v) => set({ range: v ?? '' })}
        />
      </div>
      {list.error !== null && rows.length === 0 ? (
        <ProblemBox error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending || (list.isPlaceholderData && rows.length === 0) ? (
        <Bones rows={10} />
      ) : rows.length === 0 ? (
        <div className="card">
          <Empty icon={<IconHistory size={28} stroke={1.4} />} title={filtered ? 'Nothing matches' : 'Nothing was changed yet'} action={filtered && <Button variant="default" onClick={() => set({ ...defaults })}>Clear the filters</Button>}>
            Every change, and every sign-in, leaves a line here.
          </Empty>
        </div>
      ) : (
        <LongTable label="Audit trail, the newest first" columns={columns} rows={rows} stale={list.isPlaceholderData} idOf={(e) => e.position} onOpen={(e) => set({ at: e.position })} opened={at} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} foot={list.hasNextPage ? `${count(rows.length)} so far; scroll for more` : plural(rows.length, 'entry', 'entries')} />
      )}
      <EntryDrawer entry={rows.find((e) => e.position === at)} onClose={() => set({ at: '' })} />
    </div>
  )
}

function EntryDrawer({ entry: e, onClose }: { entry: Entry | undefined; onClose: () => void }) {
  return (
    <Drawer opened={e !== undefined} onClose={onClose} position="right" size={820} title={e && `${e.action} ${e.kind} ${e.name ?? ''}`}>
      {e && (
        <div className="stack">
          <dl className="facts">
            <dt>When</dt><dd>{fullTime(e.at)}</dd>
            <dt>Who</dt><dd>{e.actor ? <>{e.actor.name} <span className="muted">({e.actor.kind}{e.actor.role === undefined ? '' : `, ${e.actor.role}`})</span></> : <span className="muted">nobody who is known</span>}</dd>
            {e.address !== undefined && <><dt>From</dt><dd className="mono">{e.address}</dd></>}
            {e.agent !== undefined && <><dt>Client</dt><dd>{e.agent}</dd></>}
            {e.detail !== undefined && <><dt>Detail</dt><dd>{e.detail}</dd></>}
            {e.void !== undefined && <><dt>Not so</dt><dd>{e.void}</dd></>}
          </dl>
          {e.tooLarge === true && <p className="muted small">The resource was too large to be kept in the trail.</p>}
          <Differences before={e.before} after={e.after} />
          {(e.before !== undefined || e.after !== undefined) && (
            <div className="halves">
              <section className="stack tight" aria-label="Before"><h2 className={styles.side}>Before</h2>{e.before === undefined ? <p className="muted small">It was not there.</p> : <Json value={e.before} label="before" max={460} />}</section>
              <section className="stack tight" aria-label="After"><h2 className={styles.side}>After</h2>{e.after === undefined ? <p className="muted small">It is not there.</p> : <Json value={e.after} label="after" max={460} />}</section>
            </div>
          )}
        </div>
      )}
    </Drawer>
  )
}

function told(value: unknown): string {
  return value === undefined ? '–' : (JSON.stringify(value) ?? '–')
}

function Differences({ before, after }: { before: unknown; after: unknown }) {
  if (before === undefined || after === undefined) return null
  const all = differences(before, after)
  if (all.length === 0) return null
  return (
    <div className="card scroll-x" tabIndex={0}>
      <Grid>
        <thead><tr><th>Changed</th><th>Before</th><th>After</th></tr></thead>
        <tbody>
          {all.map((d) => (
            <tr key={d.path}>
              <td><code>{d.path}</code></td>
              <td><code className="muted">{told(d.before)}</code></td>
              <td><code>{told(d.after)}</code></td>
            </tr>
          ))}
        </tbody>
      </Grid>
    </div>
  )
}
