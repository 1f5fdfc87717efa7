import { Button, Drawer } from '@mantine/core'
import { IconRoute } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'

import { type Received, type ReceivedRecord, useOfApp, type Verdict } from '../../api/analytics'
import { fullTime } from '../../lib/format'
import { Json } from '../../parts/Json'
import { CopyField, Pill } from '../../parts/small'
import { Bones, Loaded, ProblemBox } from '../../parts/states'
import { appBase } from './AppPage'
import styles from './apps.module.css'
import { idOf, positionOf } from './rows'
import { verdictLabel, verdictTone, ViaTag } from './words'

/** One received call: how it came, and what it became. at is its address, POSITION.ELEMENT; empty: closed. */
export function ReceivedDrawer({ app, at, row, onClose }: { app: string; at: string; row: Received | undefined; onClose: () => void }) {
  return (
    <Drawer opened={at !== ''} onClose={onClose} position="right" size={980} title={row ? (row.event ?? row.type) : 'Received call'}>
      {at !== '' && <Content app={app} at={at} row={row} />}
    </Drawer>
  )
}

function Content({ app, at, row }: { app: string; at: string; row: Received | undefined }) {
  const record = useOfApp<ReceivedRecord>(app, ['received', positionOf(at)])
  const call = row ?? record.data?.calls.find((c) => idOf(c) === at)
  if (call === undefined) return record.error !== null ? <ProblemBox error={record.error} /> : <Bones rows={8} pad={false} />
  return (
    <div className="stack">
      <Verdicts verdicts={call.verdicts} call={call} app={app} />
      {call.messageId !== undefined && (
        <div>
          <Button component={Link} to={`/where?id=${encodeURIComponent(call.messageId)}`} leftSection={<IconRoute size={14} />}>
            Open its journey
          </Button>
        </div>
      )}
      <div className={styles.sides}>
        <section className="stack tight" aria-label="As it came">
          <h2 style={{ fontSize: '0.875rem' }}>As it came</h2>
          <Loaded query={record} bones={<Bones rows={6} pad={false} />}>
            {(r) => <Json value={r.record.body} label="body" max={560} />}
          </Loaded>
        </section>
        <section className="stack tight" aria-label="What it became">
          <h2 style={{ fontSize: '0.875rem' }}>What it became</h2>
          <Became app={app} call={call} />
        </section>
      </div>
    </div>
  )
}

function Verdicts({ verdicts, call, app }: { verdicts: Verdict[]; call: Received; app: string }) {
  if (verdicts.length === 0) {
    return (
      <div className="row">
        <Pill tone="ok" dot>
          fine
        </Pill>
        <span className="small muted">Nothing about this call wants a look.</span>
      </div>
    )
  }
  return (
    <ul className={styles.list} aria-label="Verdicts">
      {verdicts.map((v) => (
        <li key={v.code} className={styles.verdict} data-tone={verdictTone(v.code)}>
          <strong>{verdictLabel(v.code)}</strong>
          <p>{v.message}</p>
          <p className="muted">{v.mend}</p>
          {call.of !== undefined && ['duplicate', 'other_path', 'near_duplicate'].includes(v.code) && (
            <p>
              The first came by way of {call.of.via} at {fullTime(call.of.receivedAt)}: <Link to={`${appBase(app)}/received?at=${idOf(call.of)}`}>open it</Link>
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

function Became({ app, call }: { app: string; call: Received }) {
  const base = appBase(app)
  const link = (kind: string, id: string | undefined): ReactNode => (id === undefined || id === '' ? <span className="muted">none</span> : <Link to={`${base}/${kind}/${encodeURIComponent(id)}`}>{id}</Link>)
  return (
    <>
      <dl className="facts">
        <dt>Type</dt>
        <dd><span className="tag">{call.type}</span> {call.counted ? '' : <span className="muted">not counted</span>}</dd>
        {call.type === 'track' && <><dt>Track Event</dt><dd>{link('events', call.event)}</dd></>}
        <dt>Visitor</dt>
        <dd>{link('visitors', call.visitor)}</dd>
        <dt>Account</dt>
        <dd>{link('accounts', call.account)}</dd>
        <dt>Happened</dt>
        <dd>{fullTime(call.at)}</dd>
        <dt>Received</dt>
        <dd>{fullTime(call.receivedAt)}, by way of <ViaTag via={call.via} /></dd>
        {call.url !== undefined && <><dt>Page</dt><dd>{call.title !== undefined && call.title !== '' ? `${call.title}, ` : ''}{call.url}</dd></>}
        {call.ip !== undefined && <><dt>IP address</dt><dd className="mono">{call.ip}</dd></>}
        {call.userAgent !== undefined && <><dt>Client</dt><dd>{call.userAgent}</dd></>}
        {call.remote !== undefined && <><dt>Sender</dt><dd className="mono">{call.remote}</dd></>}
        {call.messageId !== undefined && <><dt>messageId</dt><dd><CopyField value={call.messageId} label="Copy messageId" /></dd></>}
        <dt>Place on the log</dt>
        <dd className="mono">{idOf(call)}</dd>
      </dl>
      {call.properties !== undefined && call.properties !== null && <Json value={call.properties} label="properties" max={320} />}
    </>
  )
}
