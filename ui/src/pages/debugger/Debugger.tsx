import { Button, Select, SegmentedControl, Tooltip } from '@mantine/core'
import { IconDeviceMobile, IconPlayerPause, IconPlayerPlay, IconServer, IconTrash, IconWorld } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react'
import { useParams } from 'react-router'

import { useSources } from '../../api/workspace'
import { count, plural, rate, timeOfDay } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import { Page } from '../../parts/Page'
import { Search } from '../../parts/Search'
import { Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { LateInput } from '../../parts/Typed'
import { usePressed } from '../../parts/usePressed'
import { SourceTabs } from '../sources/SourceTabs'
import styles from './Debugger.module.css'
import { Passed } from './buffer'
import { type Entry, matches, type Side } from './entry'
import { EntryPanel } from './EntryPanel'
import { useTail } from './useTail'

const defaults = { text: '', type: '', event: '', user: '', side: '', show: 'all', at: '' }
const sides = [
  { value: 'client', label: 'Client-side' },
  { value: 'server', label: 'Server-side' },
  { value: 'mobile', label: 'Mobile' },
]
const rowHeight = 34
const sampledRate = 40 // events in a second from which on the page says that it draws a sample
const begins = '1000' // of the last lines that are there, matching the filters

const sideIcons: Record<Side, ReactNode> = {
  client: <IconWorld size={15} stroke={1.6} aria-label="client-side" />,
  server: <IconServer size={15} stroke={1.6} aria-label="server-side" />,
  mobile: <IconDeviceMobile size={15} stroke={1.6} aria-label="mobile" />,
}

/** Everything that comes in for a source, as it comes. */
export function Debugger() {
  const { source = '' } = useParams()
  const sources = useSources()
  const [state, set] = useUrlState(defaults)
  const query = useMemo(() => {
    const q: Record<string, string> = { source, last: begins }
    for (const key of ['text', 'type', 'event', 'user'] as const) if (state[key] !== '') q[key] = state[key]
    return q
  }, [source, state])
  const tail = useTail(query)
  // What is shown ends here; null: at the newest. It is held while the reader looks further down, or has paused.
  const [held, setHeld] = useState<number | null>(null)
  const [paused, setPaused] = useState(false)
  const [clearedAt, setClearedAt] = useState(0)
  const end = held ?? tail.buffer.total
  const found = useMemo(
    () => tail.buffer.view(end, (e) => matches(e, state)),
    [tail.buffer, tail.version, end, state.side, state.show, clearedAt], // eslint-disable-line react-hooks/exhaustive-deps
  )
  const { rows, onPointerDown } = usePressed(found)
  const passed = useMemo(
    () => new Passed(found[0]),
    [tail.buffer, state.side, state.show], // eslint-disable-line react-hooks/exhaustive-deps
  )
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const drawn = (n: number) => {
    if (passed.draw(rows, n, tail.since)) redraw()
  }
  const selected = rows.find((r) => r.position === state.at)
  const waiting = tail.buffer.total - end
  const resume = () => {
    setPaused(false)
    setHeld(null)
  }
  const pause = () => {
    setPaused(true)
    setHeld(tail.buffer.total)
  }
  useEffect(() => {
    setHeld(null)
    setPaused(false)
  }, [tail.buffer])
  const name = sources.data?.find((s) => s.slug === source)?.name ?? source
  const filtered = state.text + state.type + state.event + state.user + state.side !== '' || state.show !== 'all'
  return (
    <Page
      title={name}
      crumbs={[{ label: 'Sources', to: '/sources' }]}
      full
      tabs={<SourceTabs source={source} active="debugger" />}
      actions={
        <>
          <LiveState paused={paused} tail={tail} />
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => { tail.buffer.clear(); setClearedAt(tail.buffer.total) }}>
            Clear
          </Button>
          <Button w={96} variant={paused ? 'filled' : 'default'} leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} onClick={paused ? resume : pause}>
            {paused ? 'Resume' : 'Pause'}
          </Button>
        </>
      }
    >
      <div className={styles.page}>
        <div className={styles.filters}>
          <Search value={state.text} onSearch={(text) => set({ text, at: '' })} label="Search in the JSON" className={styles.search} />
          <Select
            aria-label="Type"
            placeholder="Any type"
            clearable
            data={withChosen(['track', 'identify', 'page', 'screen', 'group', 'alias'], state.type)}
            value={state.type || null}
            onChange={(v) => set({ type: v ?? '' })}
            w={126}
          />
          <LateInput w={132} label="Event name" value={state.event} onChange={(event) => set({ event })} />
          <LateInput w={132} label="User" value={state.user} onChange={(user) => set({ user })} />
          <Select
            aria-label="Where it was made"
            placeholder="Any side"
            clearable
            data={withChosen(sides, state.side)}
            value={state.side || null}
            onChange={(v) => set({ side: v ?? '' })}
            w={132}
          />
          <SegmentedControl aria-label="Show" value={state.show} onChange={(show) => set({ show })} data={[{ value: 'all', label: 'All' }, { value: 'notes', label: 'Violations' }, { value: 'rejected', label: 'Rejected' }]} />
        </div>
        <Told tail={tail} shown={rows.length} passed={passed.count} />
        {tail.state.state === 'broken' && <ProblemBox error={tail.state.problem} />}
        <div className={styles.body} data-open={selected !== undefined || undefined}>
          <div className={styles.listCard}>
            {rows.length === 0 && tail.state.state === 'connecting' ? (
              <Bones rows={8} />
            ) : rows.length === 0 ? (
              <Empty title={filtered ? 'Nothing matches these filters' : 'Waiting for the first event'} action={filtered && <Button variant="default" onClick={() => set({ ...defaults })}>Clear the filters</Button>}>
                {filtered ? 'What comes in from now on and matches appears here.' : 'What the source receives appears here at once. Setup on this source has calls that you can paste.'}
              </Empty>
            ) : (
              <Rows
                rows={rows}
                selected={state.at}
                onSelect={(at) => set({ at })}
                onPointerDown={onPointerDown}
                onDrawn={drawn}
                onScrolled={(top) => { if (!paused) setHeld(top ? null : (h) => h ?? tail.buffer.total) }}
              />
            )}
            {waiting > 0 && (
              <button type="button" className={styles.newer} onClick={resume}>
                {plural(waiting, 'newer event')}
              </button>
            )}
          </div>
          {selected !== undefined && <EntryPanel entry={selected} source={source} onClose={() => set({ at: '' })} />}
        </div>
      </div>
    </Page>
  )
}

function LiveState({ paused, tail }: { paused: boolean; tail: ReturnType<typeof useTail> }) {
  if (tail.state.state !== 'live') return <Pill tone={tail.state.state === 'broken' ? 'bad' : 'idle'} dot>{tail.state.state === 'broken' ? 'no connection' : 'connecting'}</Pill>
  return (
    <Tooltip label={paused ? 'The display stands still; what comes in is kept' : 'What comes in is shown at once'}>
      <Pill tone={paused ? 'warn' : 'ok'} dot>
        {paused ? 'paused' : 'live'} · {rate(tail.rate)}
      </Pill>
    </Tooltip>
  )
}

/** What is shown, and what is not. */
function Told({ tail, shown, passed }: { tail: ReturnType<typeof useTail>; shown: number; passed: number }) {
  return (
    <p className={styles.told} aria-live="off">
      {plural(shown, 'event')} of {count(tail.buffer.size)} held
      {tail.buffer.dropped > 0 && <>, {count(tail.buffer.dropped)} older ones were let go: a search or a filter finds them on the log</>}
      {tail.rate > sampledRate && <> · {rate(tail.rate)} come in: a sample is drawn, four times a second</>}
      {passed > 0 && <> · {count(passed)} went by undrawn: scrolling, a search and the filters find them</>}
    </p>
  )
}

interface RowsProps {
  rows: Entry[]
  selected: string
  onSelect: (position: string) => void
  onPointerDown: () => void
  /** So many rows, from the newest on, have been put on the page. */
  onDrawn: (rows: number) => void
  onScrolled: (top: boolean) => void
}

function Rows({ rows, selected, onSelect, onPointerDown, onDrawn, onScrolled }: RowsProps) {
  const parent = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => parent.current, estimateSize: () => rowHeight, overscan: 12 })
  const items = virtual.getVirtualItems()
  useLayoutEffect(() => {
    if (items[0]?.index === 0) onDrawn(items.length)
  })
  const onKey = (e: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[e.key]
    if (step === undefined) return
    e.preventDefault()
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex((r) => r.position === selected) + step))]
    if (next === undefined) return
    onSelect(next.position)
    virtual.scrollToIndex(rows.indexOf(next))
  }
  return (
    <div ref={parent} className={styles.list} onScroll={(e) => onScrolled(e.currentTarget.scrollTop < rowHeight)} onKeyDown={onKey} tabIndex={0} role="listbox" aria-label="Events, the newest first" aria-activedescendant={selected === '' ? undefined : `row-${selected}`}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} onPointerDown={onPointerDown}>
        {items.map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          return (
            <div key={row.position} id={`row-${row.position}`} role="option" aria-selected={row.position === selected} className={styles.row} data-kind={row.kind} style={{ transform: `translateY(${item.start}px)` }} onClick={() => onSelect(row.position === selected ? '' : row.position)}>
              <span className={styles.time}>{row.receivedAt === '' ? '' : timeOfDay(row.receivedAt)}</span>
              <span className={styles.side}>{row.kind === 'event' && sideIcons[row.side]}</span>
              <span className="tag">{row.type}</span>
              <span className={`clip ${styles.name}`}>{row.name || <span className="muted">–</span>}</span>
              <span className={`clip muted ${styles.wide}`}>{row.user}</span>
              <span className={`clip muted ${styles.wide}`}>{row.account}</span>
              <span className={styles.marks}>
                {row.duplicate && <Pill tone="idle">duplicate</Pill>}
                {row.notes > 0 && <Pill tone="warn">{plural(row.notes, 'violation')}</Pill>}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
