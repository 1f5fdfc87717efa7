import { ActionIcon, Button, Tabs } from '@mantine/core'
import { IconFlask, IconRoute, IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Link } from 'react-router'

import { fullTime } from '../../lib/format'
import { Code, Json } from '../../parts/Json'
import { CopyField } from '../../parts/small'
import styles from './Debugger.module.css'
import { type Entry, notesOf, type Rejected } from './entry'
import { prettyCall } from './pretty'

/** One line of the debugger, opened. */
export function EntryPanel({ entry, source, onClose }: { entry: Entry; source: string; onClose: () => void }) {
  const line = useMemo(() => JSON.parse(entry.text) as { event?: Record<string, unknown>; rejected?: Rejected }, [entry.text])
  return (
    <section className={styles.panel} aria-label="Event">
      <div className={styles.panelHead}>
        <div className="grow">
          <strong className="clip" style={{ display: 'block' }}>{entry.kind === 'rejected' ? 'Rejected request' : entry.name || entry.type}</strong>
          <span className="muted tiny">
            {entry.receivedAt !== '' && fullTime(entry.receivedAt)}
            {entry.library !== '' && ` · ${entry.library}`}
          </span>
        </div>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <IconX size={16} />
        </ActionIcon>
      </div>
      <div className={styles.panelBody}>{line.event !== undefined ? <EventPanel event={line.event} entry={entry} source={source} /> : line.rejected !== undefined ? <RejectedPanel rejected={line.rejected} /> : <p>{entry.name}</p>}</div>
    </section>
  )
}

function EventPanel({ event, entry, source }: { event: Record<string, unknown>; entry: Entry; source: string }) {
  const call = prettyCall(event, window.location.origin)
  const notes = notesOf(event)
  return (
    <>
      <div className="row wrap">
        <Button component={Link} to={`/where?id=${encodeURIComponent(entry.messageId)}`} leftSection={<IconRoute size={14} />}>
          Open journey
        </Button>
        <Button component={Link} to={`/destinations?source=${encodeURIComponent(source)}&testEvent=${encodeURIComponent(entry.messageId)}`} variant="default" leftSection={<IconFlask size={14} />}>
          Use as test event
        </Button>
      </div>
      {notes.map((n) => (
        <p key={n.code} className={styles.note}>
          {n.text}
        </p>
      ))}
      <Tabs defaultValue="pretty">
        <Tabs.List>
          <Tabs.Tab value="pretty">Pretty · {call.language}</Tabs.Tab>
          <Tabs.Tab value="raw">Raw</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="pretty" pt="sm">
          <Code text={call.text} label="call" max={560} wrap />
        </Tabs.Panel>
        <Tabs.Panel value="raw" pt="sm">
          <Json value={event} label="event" max={560} />
        </Tabs.Panel>
      </Tabs>
      <dl className="facts">
        <dt>messageId</dt>
        <dd><CopyField value={entry.messageId} label="Copy messageId" /></dd>
        <dt>Position</dt>
        <dd className="mono">{entry.position}</dd>
        <dt>User</dt>
        <dd>{entry.user || <span className="muted">none</span>}</dd>
        <dt>Account</dt>
        <dd>{entry.account || <span className="muted">none</span>}</dd>
      </dl>
    </>
  )
}

function RejectedPanel({ rejected }: { rejected: Rejected }) {
  return (
    <>
      <p className={styles.rejected}>{rejected.message}</p>
      <dl className="facts">
        <dt>Code</dt>
        <dd className="mono">{rejected.code}</dd>
        <dt>Request</dt>
        <dd className="mono">{rejected.method} {rejected.path}</dd>
        {rejected.index !== undefined && <><dt>In the batch</dt><dd>at index {rejected.index}</dd></>}
        {(rejected.count ?? 0) > 1 && <><dt>Times</dt><dd>{rejected.count}</dd></>}
        <dt>From</dt>
        <dd>{rejected.remote}</dd>
        {rejected.agent !== undefined && <><dt>Client</dt><dd>{rejected.agent}</dd></>}
      </dl>
      {rejected.excerpt !== undefined && rejected.excerpt !== '' && <Code text={rejected.excerpt} label="body" wrap />}
    </>
  )
}
