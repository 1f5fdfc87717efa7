import { Tabs } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconMinus, IconX } from '@tabler/icons-react'

import type { Schemas } from '../../api/client'
import { duration } from '../../lib/format'
import { Code, Json, pretty } from '../../parts/Json'
import { Pill } from '../../parts/small'
import { ProblemBox } from '../../parts/states'
import { Link } from 'react-router'
import styles from './Mapping.module.css'

type Result = Schemas['Result']

/** What the mapping makes of the test event, while it is changed: whether it matches, the payload, the exact request. */
export function Preview({ result, error, stale }: { result: Result | undefined; error: unknown; stale: boolean }) {
  if (result === undefined) {
    if (error !== null && error !== undefined) return <div aria-busy={stale}><ProblemBox error={error} /></div>
    return (
      <p className="muted small">
        Load a test event: what the mapping makes of it is shown here while you change it. Nothing is sent.
      </p>
    )
  }
  const failed = result.steps.filter((s) => !s.ok && s.name !== 'trigger')
  const matched = result.trigger?.matched ?? result.steps.find((s) => s.name === 'trigger')?.ok
  return (
    <div className="stack" aria-busy={stale} style={{ opacity: stale ? 0.6 : 1 }}>
      {matched !== undefined && <Match matched={matched} trigger={result.trigger} />}
      {failed.map((s) => (
        <p key={s.name} className={styles.bad}>
          <strong>{s.output}</strong> {s.detail}
        </p>
      ))}
      {(result.problems ?? []).filter((p) => !failed.some((s) => s.output === p.message)).map((p) => (
        <p key={p.path + p.message} className={styles.bad}>
          <code>{p.path || 'payload'}</code> {p.message}
        </p>
      ))}
      {result.warnings.map((w, i) => (
        <p key={i} className={styles.warning}>
          <IconAlertTriangle size={14} aria-hidden /> {w.read} {w.instead !== '' && <span>{w.instead}</span>}
        </p>
      ))}
      {(result.request !== undefined || result.payload !== undefined) && (
        <Tabs defaultValue="request">
          <Tabs.List>
            <Tabs.Tab value="request" disabled={result.request === undefined}>
              Request
            </Tabs.Tab>
            <Tabs.Tab value="payload">Payload</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="request" pt="sm">
            {result.request !== undefined && <Code text={requestText(result.request)} label="request" max={460} wrap />}
          </Tabs.Panel>
          <Tabs.Panel value="payload" pt="sm">
            <Json value={result.payload} label="payload" max={460} />
          </Tabs.Panel>
        </Tabs>
      )}
    </div>
  )
}

function requestText(r: Schemas['Request']): string {
  const headers = r.headers.map((h) => `${h?.[0] ?? ''}: ${h?.[1] ?? ''}`).join('\n')
  return `${r.method} ${r.url}\n${headers}\n\n${pretty(r.body ?? '')}`
}

function Match({ matched, trigger }: { matched: boolean; trigger: Result['trigger'] }) {
  return (
    <div className={styles.match} data-matched={matched || undefined}>
      <div className="row">
        {matched ? <IconCheck size={16} aria-hidden /> : <IconMinus size={16} aria-hidden />}
        <strong>{matched ? 'The trigger matches: it would be sent' : 'The trigger does not match: it would not be sent'}</strong>
      </div>
      {trigger !== undefined && (
        <ul className={styles.clauses}>
          {(trigger.clauses ?? []).map((c, i) => (
            <li key={i} data-ok={c.matched || undefined}>
              {!c.evaluated ? <IconMinus size={13} aria-label="not looked at" /> : c.matched ? <IconCheck size={13} aria-label="holds" /> : <IconX size={13} aria-label="does not hold" />}
              <code>{c.text}</code>
              {c.evaluated && c.actual !== '' && <span className="muted">{c.field} is {c.actual}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** What came of a test that was sent. */
export function Sent({ result, app }: { result: Result; app: string | undefined }) {
  const a = result.answer
  if (a === undefined) {
    const failed = result.steps.find((s) => !s.ok)
    return <p className={styles.bad}>Nothing was sent: {failed ? `${failed.output}. ${failed.detail ?? ''}` : 'a step before failed'}.</p>
  }
  const ok = a.class === 'delivered'
  return (
    <div className="stack tight" role="status">
      <div className={ok ? styles.answerOk : styles.bad}>
        <div className="spread">
          <strong className={styles.answer}>{a.status === '' ? 'No answer' : a.status}</strong>
          <span className="row">
            <Pill tone={ok ? 'ok' : a.class === 'retry' ? 'warn' : 'bad'}>{a.class}</Pill>
            <span className="muted tiny">{duration(a.took)}</span>
          </span>
        </div>
        <p>{ok ? 'The destination took the test event.' : (a.reason ?? 'The destination did not take it.')}</p>
      </div>
      {a.body !== undefined && a.body !== '' && <Json value={a.body} label="answer" max={160} />}
      {(result.landed ?? []).map((l, i) => (
        <div key={i} className={l.verdicts.length > 0 ? styles.warningBox : styles.answerOk}>
          <p>
            At this server&apos;s receiver it became the Track Event <strong>{l.event}</strong> of visitor <strong>{l.visitor || 'nobody'}</strong>, account <strong>{l.account || 'none'}</strong>. {app !== undefined && <Link to={`/apps/${l.app}`}>Open the app</Link>}
          </p>
          {l.verdicts.map((v) => (
            <p key={v.code}>{v.message}</p>
          ))}
        </div>
      ))}
    </div>
  )
}
