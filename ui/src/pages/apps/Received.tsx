import { Button, Select } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'

import type { Received as Row } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { count, plural, rate, timeOfDay } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import { type Column, LongTable } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { LateInput } from '../../parts/Typed'
import styles from './apps.module.css'
import { AppPage } from './AppPage'
import { CsvButton } from './Csv'
import { ReceivedDrawer } from './ReceivedDrawer'
import { idOf } from './rows'
import { useReceived } from './useReceived'
import { VerdictPill, ViaTag, verdictLabel, viaNames } from './words'

const defaults = { search: '', type: '', event: '', via: '', verdict: '', visitor: '', account: '', key: '', messageId: '', at: '' }
const types = ['track', 'identify', 'group', 'page', 'screen', 'alias', 'meta', 'load', 'click', 'focus', 'change', 'submit']
const codes = [
  'no_visitor', 'no_account', 'context_group_ignored', 'group_conflict', 'no_event_name', 'ignored_type', 'switched_off', 'not_an_event', 'unreadable', 'batched', 'bad_time', 'time_is_text', 'seconds_as_millis',
  'deferred', 'too_old', 'in_future', 'properties_too_large', 'bad_property_key', 'numeric_id', 'placeholder_id', 'object_ignored', 'field_clash', 'browser_secret', 'signature_wrong', 'signature_missing', 'old_key',
  'duplicate', 'other_path', 'near_duplicate', 'name_budget', 'before_name', 'other_form',
]

const columns: Column<Row>[] = [
  { id: 'at', label: 'Received', width: '104px', cell: (r) => timeOfDay(r.receivedAt) },
  { id: 'type', label: 'Type', width: '76px', wide: true, cell: (r) => <span className="tag">{r.type}</span> },
  { id: 'event', label: 'Event', width: 'minmax(0, 1.3fr)', cell: (r) => <strong style={{ fontWeight: 500 }}>{r.event ?? <span className="muted">–</span>}</strong> },
  { id: 'visitor', label: 'Visitor', width: 'minmax(0, 1fr)', wide: true, cell: (r) => r.visitor ?? <span className="muted">none</span> },
  { id: 'account', label: 'Account', width: 'minmax(0, 0.8fr)', wide: true, cell: (r) => r.account ?? <span className="muted">none</span> },
  { id: 'via', label: 'By way of', width: '90px', wide: true, cell: (r) => <ViaTag via={r.via} /> },
  { id: 'verdicts', label: 'Verdicts', width: 'minmax(0, 1.1fr)', cell: (r) => <Verdicts row={r} /> },
]

function Verdicts({ row }: { row: Row }) {
  const [first] = row.verdicts
  if (first === undefined) return <Pill tone="ok">fine</Pill>
  return (
    <span className="row" style={{ gap: 4 }}>
      <VerdictPill verdict={first} />
      {row.verdicts.length > 1 && <span className="muted tiny">+{row.verdicts.length - 1}</span>}
    </span>
  )
}

/** Everything that an app receives, as it comes. */
export function Received() {
  return (
    <AppPage active="received" full>
      {(app) => <Content key={app.slug} app={app} />}
    </AppPage>
  )
}

function Content({ app }: { app: App }) {
  const [state, set] = useUrlState(defaults)
  const { at, ...filters } = state
  const [paused, setPaused] = useState(false)
  const [top, setTop] = useState(true)
  const received = useReceived(app.slug, filters, paused || !top)
  const opened = received.rows.find((r) => idOf(r) === at)
  const filtered = Object.values(filters).some((v) => v !== '')
  const { list } = received
  return (
    <div className={styles.page}>
      <div className={styles.filters}>
        <Search value={state.search} onSearch={(search) => set({ search })} label="Search in the properties" className={styles.search} />
        <Select
          aria-label="Type"
          placeholder="Any type"
          clearable
          data={withChosen(types, state.type)}
          value={state.type || null}
          onChange={(v) => set({ type: v ?? '' })}
          w={120}
        />
        <Select
          aria-label="By way of"
          placeholder="Any way"
          clearable
          data={withChosen(viaNames, state.via)}
          value={state.via || null}
          onChange={(v) => set({ via: v ?? '' })}
          w={120}
        />
        <Select
          aria-label="Verdict"
          placeholder="Any verdict"
          clearable
          searchable
          data={withChosen(codes.map((c) => ({ value: c, label: verdictLabel(c) })), state.verdict)}
          value={state.verdict || null}
          onChange={(v) => set({ verdict: v ?? '' })}
          w={170}
        />
        <LateInput label="Event" value={state.event} onChange={(event) => set({ event: event.trim() })} w={132} />
        <LateInput
          label="Visitor"
          value={state.visitor}
          onChange={(visitor) => set({ visitor: visitor.trim() })}
          w={132}
        />
        {(app.oldKeys.length > 0 || state.key !== '') && (
          <Select
            aria-label="Key"
            placeholder="Any key"
            clearable
            data={withChosen([app.key, ...app.oldKeys], state.key)}
            value={state.key || null}
            onChange={(v) => set({ key: v ?? '' })}
            w={170}
          />
        )}
      </div>
      <div className="spread wrap" style={{ flexWrap: 'wrap' }}>
        <div className="row wrap">
          <Live received={received} paused={paused} />
          {(['account', 'messageId'] as const).map((f) => state[f] !== '' && <Button key={f} size="compact-xs" variant="default" onClick={() => set({ [f]: '' })}>{f}: {state[f]} ×</Button>)}
          {received.waiting > 0 && <Button size="compact-xs" variant="light" onClick={() => { setPaused(false); setTop(true); received.show() }}>{plural(received.waiting, 'newer event')}</Button>}
        </div>
        <div className="row">
          <CsvButton app={app.slug} parts={['received']} query={filters} />
          <Button w={96} variant={paused ? 'filled' : 'default'} leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} onClick={() => { if (paused) received.show(); setPaused(!paused) }}>
            {paused ? 'Resume' : 'Pause'}
          </Button>
        </div>
      </div>
      {list.error !== null && received.rows.length === 0 ? (
        <ProblemBox error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending || (list.isPlaceholderData && received.rows.length === 0) ? (
        <Bones rows={10} />
      ) : received.rows.length === 0 ? (
        <div className="card">
          <Empty title={filtered ? 'Nothing matches these filters' : 'Waiting for the first event'} action={filtered && <Button variant="default" onClick={() => set({ ...defaults })}>Clear the filters</Button>}>
            {filtered ? 'What comes from now on and matches appears here at once.' : 'What is sent with the key of this app appears here at once. The overview has a call that you can paste.'}
          </Empty>
        </div>
      ) : (
        <LongTable label="Raw events, the newest first" columns={columns} rows={received.rows} stale={list.isPlaceholderData} idOf={idOf} onOpen={(r) => set({ at: idOf(r) })} opened={at} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} rowHeight={36} foot={list.hasNextPage ? `${count(received.rows.length)} so far; scroll for more` : `${plural(received.rows.length, 'event')}, all that match`} onScrolled={setTop} />
      )}
      <ReceivedDrawer app={app.slug} at={at} row={opened} onClose={() => set({ at: '' })} />
    </div>
  )
}

function Live({ received, paused }: { received: ReturnType<typeof useReceived>; paused: boolean }) {
  const { stream } = received
  if (stream.state === 'broken') return <Pill tone="bad" dot title={stream.problem.message}>no connection</Pill>
  if (stream.state === 'connecting') return <Pill tone="idle" dot>connecting</Pill>
  return <Pill tone={paused ? 'warn' : 'ok'} dot title={paused ? 'The display stands still; what comes in is kept' : 'What comes in is shown at once'}>{paused ? 'paused' : 'live'} · {rate(received.rate)}</Pill>
}
