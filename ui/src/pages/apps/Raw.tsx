import { Button, Select } from '@mantine/core'
import { IconInbox, IconPlayerPause, IconPlayerPlay, IconRoute } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams } from 'react-router'

import { type Received, useAnalyticsList } from '../../api/analytics'
import { timeOfDay } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Json } from '../../parts/Json'
import { Search } from '../../parts/Search'
import { Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import styles from './Apps.module.css'
import { More } from './More'

const defaults = { q: '', event: '', visitor: '', account: '', verdict: '', via: '' }

/** What an app received, as it comes, each with what there is to say about it. */
export function Raw() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const [paused, setPaused] = useState(false)
  const [open, setOpen] = useState('')
  const query = { search: state.q, event: state.event, visitor: state.visitor, account: state.account, verdict: state.verdict, via: state.via, limit: 100 }
  const list = useAnalyticsList<Received>(app, 'received', query, paused ? false : 2000)
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  const filtered = Object.values(state).some((v) => v !== '')
  return (
    <AppFrame
      app={app}
      active="raw"
      actions={
        <>
          <Pill tone={paused ? 'warn' : 'ok'} dot>{paused ? 'paused' : 'live'}</Pill>
          <Button w={96} variant="default" leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} onClick={() => setPaused(!paused)}>{paused ? 'Resume' : 'Pause'}</Button>
          <Csv app={app} path="received" query={query} name="raw-events" />
        </>
      }
    >
      <div className="stack">
        <div className="row wrap">
          <Search value={state.q} onSearch={(q) => set({ q })} label="Search in the properties" className="grow" />
          <Select aria-label="Via" placeholder="Any way" clearable w={130} data={[{ value: 'segmentio', label: 'Webhook' }, { value: 'track', label: 'Track API' }, { value: 'agent', label: 'Browser agent' }]} value={state.via || null} onChange={(v) => set({ via: v ?? '' })} />
          {(['event', 'visitor', 'account', 'verdict'] as const).map((key) => state[key] !== '' && <Button key={key} variant="default" onClick={() => set({ [key]: '' })}>{key}: {state[key]} ×</Button>)}
        </div>
        {list.error !== null && rows.length === 0 ? (
          <ProblemBox error={list.error} retry={() => void list.refetch()} />
        ) : (
          <div className="card" style={{ overflow: 'hidden' }}>
            {list.isPending ? <Bones rows={8} /> : rows.length === 0 ? (
              <Empty icon={<IconInbox size={28} stroke={1.4} />} title={filtered ? 'Nothing matches' : 'Nothing was received yet'}>{filtered ? 'Take a filter away.' : 'App Details has the URL, and a call that you can paste.'}</Empty>
            ) : (
              rows.map((r) => {
                const id = `${r.position}.${r.element}`
                return (
                  <div key={id}>
                    <button type="button" className={`plain ${styles.raw}`} aria-expanded={open === id} onClick={() => setOpen(open === id ? '' : id)}>
                      <span className="muted tiny">{timeOfDay(r.receivedAt)}</span>
                      <span className="tag">{r.type}</span>
                      <span className="clip" style={{ fontWeight: 500 }}>{r.event ?? '–'}</span>
                      <span className="clip">{r.visitor ?? <span className="muted">no visitor</span>}</span>
                      <span className="clip muted">{r.account ?? 'no account'}</span>
                      <span className={styles.verdicts}>{r.verdicts.slice(0, 2).map((v) => <Pill key={v.code} tone="warn">{v.code.replaceAll('_', ' ')}</Pill>)}{!r.counted && <Pill tone="idle">not counted</Pill>}</span>
                    </button>
                    {open === id && <Detail app={app} row={r} />}
                  </div>
                )
              })
            )}
          </div>
        )}
        <More list={list} />
      </div>
    </AppFrame>
  )
}

function Detail({ app, row: r }: { app: string; row: Received }) {
  return (
    <div className={styles.detail}>
      <div className="stack tight">
        {r.verdicts.map((v) => (
          <p key={v.code} className={styles.verdict}>{v.message} {v.mend !== undefined && <span>{v.mend}</span>}</p>
        ))}
        <div className="row wrap">
          {r.messageId !== undefined && <Button component={Link} to={`/where?id=${encodeURIComponent(r.messageId)}`} size="compact-sm" variant="default" leftSection={<IconRoute size={14} />}>Open journey</Button>}
          {r.visitor !== undefined && <Button component={Link} to={`/apps/${app}/visitors/${encodeURIComponent(r.visitor)}`} size="compact-sm" variant="default">Visitor {r.visitor}</Button>}
          {r.account !== undefined && <Button component={Link} to={`/apps/${app}/accounts/${encodeURIComponent(r.account)}`} size="compact-sm" variant="default">Account {r.account}</Button>}
        </div>
      </div>
      <Json value={r} label="received event" max={340} />
    </div>
  )
}
