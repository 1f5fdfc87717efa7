import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { IconArrowLeft, IconRoute } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'

import { client, Problem, type Schemas, unwrap } from '../../api/client'
import { useSources } from '../../api/workspace'
import { fullTime } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { between, fromField, ranges, spanOf, toField } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { Page } from '../../parts/Page'
import { Search } from '../../parts/Search'
import { Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { usePressed } from '../../parts/usePressed'
import { JourneyView } from './JourneyView'
import styles from './Where.module.css'

const defaults = { id: '', text: '', type: '', source: '', range: '7d', from: '', to: '' }
const pageSize = 200
const rowHeight = 36

type Found = Schemas['FoundEvent']

/** Where is my event? A search over everything that came in, and the journey of one event. */
export function Where() {
  const [state, set] = useUrlState(defaults)
  const sources = useSources()
  return (
    <Page
      title="Where is my event?"
      full={state.id === ''}
      description={state.id === '' ? 'Every event that came in, by messageId, user, account, name or time; and what became of it, gate by gate.' : undefined}
      actions={
        state.id !== '' && (
          <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={() => set({ id: '' })}>
            All events
          </Button>
        )
      }
    >
      <div className={styles.filters}>
        <Search value={state.id || state.text} onSearch={(text) => set({ text, id: '' })} label="messageId, user, account or event name" className={styles.search} size="md" autoFocus={state.id === ''} />
        {state.id === '' && (
          <>
            <Select
              aria-label="Type"
              placeholder="Any type"
              clearable
              size="md"
              data={withChosen(['track', 'identify', 'page', 'screen', 'group', 'alias'], state.type)}
              value={state.type || null}
              onChange={(v) => set({ type: v ?? '' })}
              w={140}
            />
            <Select
              aria-label="Source"
              placeholder="Any source"
              clearable
              size="md"
              data={withChosen((sources.data ?? []).map((s) => ({ value: s.slug, label: s.name })), state.source)}
              value={state.source || null}
              onChange={(v) => set({ source: v ?? '' })}
              w={180}
            />
            <SegmentedControl aria-label="Received in the last" size="sm" value={state.range} onChange={(range) => set(range === between ? { range, from: spanOf(state.range, '', '', Date.now()).since ?? '' } : { range, from: '', to: '' })} data={[...ranges, { value: between, label: 'Between' }]} />
            {state.range === between && (
              <>
                <TextInput type="datetime-local" step={1} aria-label="From" size="md" value={toField(state.from)} onChange={(e) => set({ from: fromField(e.currentTarget.value) })} />
                <TextInput type="datetime-local" step={1} aria-label="To" size="md" value={toField(state.to)} onChange={(e) => set({ to: fromField(e.currentTarget.value) })} />
              </>
            )}
          </>
        )}
      </div>
      {state.id === '' ? <Results state={state} onOpen={(id) => set({ id })} /> : <JourneyView key={state.id} id={state.id} />}
    </Page>
  )
}

function Results({ state, onOpen }: { state: { [K in keyof typeof defaults]: string }; onOpen: (id: string) => void }) {
  const found = useInfiniteQuery({
    queryKey: ['events', state.text, state.type, state.source, state.range, state.from, state.to],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: pageSize, ...(state.text.trim() && { text: state.text.trim() }), ...(state.type && { type: state.type as 'track' }), ...(state.source && { source: state.source }),
        ...spanOf(state.range, state.from, state.to, Date.now()), ...(pageParam && { before: pageParam }),
      }
      return (await unwrap(client.GET('/api/events', { params: { query }, signal }))).data ?? []
    },
    getNextPageParam: (last: Found[]) => (last.length < pageSize ? undefined : last.at(-1)?.position),
  })
  const { rows, onPointerDown } = usePressed(useMemo(() => found.data?.pages.flat() ?? [], [found.data]))
  if (found.error instanceof Problem && rows.length === 0) return <ProblemBox error={found.error} retry={() => void found.refetch()} />
  if (found.isPending || (found.isPlaceholderData && rows.length === 0)) return <Bones rows={10} />
  if (rows.length === 0) {
    return state.text + state.type + state.source === '' && state.range !== between ? (
      <Empty icon={<IconRoute size={30} stroke={1.4} />} title="No event came in yet">Once a source receives events, each of them can be found here, with everything that became of it.</Empty>
    ) : (
      <Empty icon={<IconRoute size={30} stroke={1.4} />} title="No event that was taken matches">
        If it was refused, it has no journey: look at Rejected in the debugger of its source, which says why. An event that was sent before the time chosen above is found with a longer time.
      </Empty>
    )
  }
  return (
    <Rows
      rows={rows}
      stale={found.isPlaceholderData}
      onOpen={onOpen}
      onPointerDown={onPointerDown}
      more={found.hasNextPage}
      loading={found.isFetchingNextPage}
      onMore={() => void found.fetchNextPage()}
    />
  )
}

interface RowsProps {
  rows: Found[]
  /** They answer a question before this one. */
  stale: boolean
  onOpen: (id: string) => void
  onPointerDown: () => void
  more: boolean
  loading: boolean
  onMore: () => void
}

function Rows({ rows, stale, onOpen, onPointerDown, more, loading, onMore }: RowsProps) {
  const parent = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => parent.current, estimateSize: () => rowHeight, overscan: 10 })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && !loading && last >= rows.length - 40) onMore()
  }, [more, loading, last, rows.length, onMore])
  const foot = more ? `${rows.length} so far; scroll for more` : `${rows.length} events, all that match`
  return (
    <div className={styles.results} aria-busy={stale || undefined} style={{ opacity: stale ? 0.6 : 1 }}>
      <div className={`${styles.row} ${styles.head}`} aria-hidden>
        <span>Received</span>
        <span>Type</span>
        <span>Name</span>
        <span>User</span>
        <span>Source</span>
        <span>messageId</span>
      </div>
      <div ref={parent} className={styles.scroll} tabIndex={0} role="region" aria-label="Events, the newest first">
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} onPointerDown={onPointerDown}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <button key={row.position} type="button" className={`plain ${styles.row} ${styles.hit}`} style={{ transform: `translateY(${item.start}px)` }} onClick={() => onOpen(row.messageId)}>
                <span className="muted tiny">{fullTime(row.receivedAt)}</span>
                <span>
                  <span className="tag">{row.type}</span>
                </span>
                <span className={`clip ${styles.name}`}>
                  {row.name || <span className="muted">–</span>} {row.duplicateOf !== undefined && <Pill tone="idle">duplicate</Pill>}
                </span>
                <span className="clip">{row.userId || row.anonymousId}</span>
                <span className="clip muted">{row.source}</span>
                <span className="clip mono muted">{row.messageId}</span>
              </button>
            )
          })}
        </div>
      </div>
      <p className={styles.foot}>
        {loading ? 'Loading more…' : stale ? 'Loading…' : foot}
      </p>
    </div>
  )
}
