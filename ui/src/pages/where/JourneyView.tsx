import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconAdjustments, IconArrowRight, IconBroadcast, IconCheck, IconClock, IconFilter, IconPlus, IconTargetArrow, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { useApps, useDestinations, useSources } from '../../api/workspace'
import { bytes, duration, fullTime, plural } from '../../lib/format'
import { Json } from '../../parts/Json'
import { Ago, CopyField, StatePill, Ticked } from '../../parts/small'
import { Bones, ProblemBox } from '../../parts/states'
import { type Arrival, type Delivery, type Journey, summaryOf, type Tone, verdictOf } from './story'
import styles from './Where.module.css'

const watchMillis = 3000 // while something is still on its way

function isOpen(j: Journey): boolean {
  return j.arrivals.some((a) => a.mappings.some((d) => ['pending', 'retrying', 'parked'].includes(d.state)))
}

/** The journey of one event, from the SDK to the receiver. */
export function JourneyView({ id }: { id: string }) {
  const journey = useQuery({
    queryKey: ['journey', id],
    queryFn: async () => (await unwrap(client.GET('/api/events/{messageId}', { params: { path: { messageId: id } } }))).data,
    refetchInterval: (query) => (query.state.data !== undefined && isOpen(query.state.data) ? watchMillis : false),
  })
  if (journey.data === undefined) {
    if (journey.error === null) return <Bones rows={8} />
    return <ProblemBox error={journey.error} retry={() => void journey.refetch()} />
  }
  const j = journey.data
  const summary = summaryOf(j)
  return (
    <div className="stack">
      <section className={styles.summary} data-tone={summary.tone} aria-label="Summary">
        <div className="grow">
          <h2>{summary.text}</h2>
          {summary.mend !== undefined && <p className="muted small">{summary.mend}</p>}
          <div className="row wrap" style={{ marginTop: 8 }}>
            <CopyField value={j.messageId} label="Copy messageId" />
            {j.arrivals.length > 1 && <span className="muted small">came in {plural(j.arrivals.length, 'time')}</span>}
          </div>
        </div>
        {summary.mend === 'Add a destination to the source.' && (
          <Button component={Link} to={`/catalog?source=${j.arrivals[0]?.source ?? ''}`} leftSection={<IconPlus size={14} />}>
            Add destination
          </Button>
        )}
      </section>
      {j.arrivals.map((arrival, i) => (
        <ol key={arrival.position} className={styles.timeline} aria-label={j.arrivals.length > 1 ? `Arrival ${i + 1}` : 'Journey'}>
          <Received arrival={arrival} />
          {arrival.mappings.map((d) => (
            <MappingStep key={`${d.destination}/${d.mapping}`} delivery={d} messageId={j.messageId} />
          ))}
          {i === 0 && j.landed.map((l, n) => <Landed key={n} landing={l} />)}
          {i === 0 && j.landed.length === 0 && arrival.mappings.some((d) => d.state === 'delivered') && (
            <Step tone="idle" icon={<IconTargetArrow size={13} />} title="At the receiver" aside={null}>
              <p className="muted small" style={{ padding: '10px 16px' }}>The receiver is not this server: what it makes of the event can be seen there. Its answer is above.</p>
            </Step>
          )}
        </ol>
      ))}
    </div>
  )
}

function Step({ tone, icon, title, aside, children }: { tone: Tone; icon: ReactNode; title: ReactNode; aside: ReactNode; children: ReactNode }) {
  return (
    <li className={styles.step} data-tone={tone}>
      <span className={styles.knot} aria-hidden>
        {icon}
      </span>
      <section className="card">
        <div className="head">
          <h2 className="text">{title}</h2>
          {aside}
        </div>
        {children}
      </section>
    </li>
  )
}

function Gate({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li>
      <span className={styles.gate}>{name}</span>
      <div className="text" style={{ minWidth: 0 }}>{children}</div>
    </li>
  )
}

function Fold({ label, children }: { label: string; children: ReactNode }) {
  return (
    <details className={styles.fold}>
      <summary>{label}</summary>
      {children}
    </details>
  )
}

function Received({ arrival }: { arrival: Arrival }) {
  const sources = useSources()
  return (
    <Step tone="ok" icon={<IconBroadcast size={13} />} title="Received" aside={<span className="muted small">{fullTime(arrival.storedAt)} · <Ago at={arrival.storedAt} /></span>}>
      <ul className={styles.gates}>
        <Gate name="By">
          Source <Link to={`/sources/${arrival.source}`}>{sources.data?.find((s) => s.slug === arrival.source)?.name ?? arrival.source}</Link>
          {arrival.library !== undefined && <>, sent by <span className="mono">{arrival.library}</span></>}
          {arrival.channel !== undefined && <>, channel {arrival.channel}</>}
        </Gate>
        <Gate name="What">
          <span className="tag">{arrival.type}</span> <strong>{arrival.name}</strong>
        </Gate>
        <Gate name="Durable at">
          position <span className="mono">{arrival.position}</span> of the log
          {arrival.duplicateOf !== undefined && <>, a repeat of the event at <span className="mono">{arrival.duplicateOf}</span></>}
        </Gate>
        <Gate name="Normalized">
          <Fold label="The event, as it was stored">
            <Json value={arrival.event} label="event" />
          </Fold>
        </Gate>
      </ul>
    </Step>
  )
}

const knots: Record<string, ReactNode> = { delivered: <IconCheck size={13} />, discarded: <IconX size={13} />, lost: <IconX size={13} />, filtered: <IconFilter size={13} />, duplicate: <IconFilter size={13} /> }

function MappingStep({ delivery: d, messageId }: { delivery: Delivery; messageId: string }) {
  const verdict = verdictOf(d)
  const destinations = useDestinations()
  const destination = destinations.data?.find((x) => x.slug === d.destination)
  const mapping = destination?.mappings.find((m) => m.name === d.mapping || m.id === d.mapping)
  const to = mapping === undefined ? undefined : `/destinations/${d.destination}/mappings/${mapping.id}?test=${encodeURIComponent(messageId)}`
  return (
    <Step
      tone={verdict.tone}
      icon={knots[d.state] ?? <IconClock size={13} />}
      title={
        <span className="row" style={{ gap: 6 }}>
          <Link to={`/destinations/${d.destination}`}>{destination?.name ?? d.destination}</Link>
          <IconArrowRight size={12} aria-hidden className="muted" />
          <span>{d.mapping}</span>
        </span>
      }
      aside={<StatePill state={d.state} />}
    >
      <ul className={styles.gates}>
        {d.filter !== undefined && <Gate name="Filter">{d.filter.charAt(0).toUpperCase() + d.filter.slice(1)}</Gate>}
        {d.matched !== undefined && (
          <Gate name="Trigger">
            {d.trigger === undefined ? (d.matched ? 'Matches' : 'Does not match') : <Ticked text={d.trigger.charAt(0).toUpperCase() + d.trigger.slice(1)} />}
          </Gate>
        )}
        {d.payload !== undefined && (
          <Gate name="Payload">
            <Fold label="What the fields resolve to">
              <Json value={d.payload} label="payload" />
            </Fold>
          </Gate>
        )}
        {d.problem !== undefined && <Gate name="Problem">{d.problem}</Gate>}
        {d.outcomes.map((o, i) => (
          <Gate key={i} name={o.exchange ? (o.attempt ? `Attempt ${o.attempt}` : 'Request') : 'Outcome'}>
            <OutcomeLine outcome={o} />
          </Gate>
        ))}
        {d.partial === true && <Gate name="More">There are more outcomes than are listed here.</Gate>}
      </ul>
      <div className={styles.say}>
        <span>
          {verdict.text} {verdict.mend !== undefined && <span className="muted">{verdict.mend}</span>}
        </span>
        {d.filter !== undefined && d.state === 'filtered' && destination !== undefined ? (
          <Button component={Link} to={`/destinations/${d.destination}/filters`} size="compact-sm" variant="default" leftSection={<IconFilter size={14} />}>
            Open the filters
          </Button>
        ) : to !== undefined && (verdict.mend !== undefined || d.state === 'delivered') && (
          <Button component={Link} to={to} size="compact-sm" variant={verdict.tone === 'bad' || verdict.tone === 'warn' ? 'filled' : 'default'} leftSection={<IconAdjustments size={14} />}>
            {verdict.tone === 'bad' || verdict.tone === 'warn' ? 'Mend and test' : 'Open mapping'}
          </Button>
        )}
      </div>
    </Step>
  )
}

export function OutcomeLine({ outcome: o }: { outcome: Schemas['Outcome'] }) {
  const x = o.exchange
  return (
    <div className="stack tight">
      <div className="row wrap">
        <StatePill state={o.status} />
        <span className="muted">{fullTime(o.at)}</span>
        {o.due !== undefined && Date.parse(o.due) > Date.now() && <span className="muted">next try <Ago at={o.due} /></span>}
        {x && <span className="muted">{x.status ? `answer ${x.status}` : 'no answer'} in {duration(x.took)}, {bytes(x.bytes)} sent</span>}
      </div>
      {(o.reason !== undefined || o.code !== undefined) && (
        <div>
          {o.code !== undefined && <span className="tag">{o.code}</span>} {o.reason !== undefined && <Ticked text={o.reason} />}
        </div>
      )}
      {x && (
        <Fold label="Request and answer">
          <div className="stack tight">
            <code>
              {x.method} {x.url}
            </code>
            {x.answer !== undefined && x.answer !== '' ? <Json value={x.answer} label="answer" max={200} /> : <span className="muted small">The answer had no body.</span>}
          </div>
        </Fold>
      )}
    </div>
  )
}

function Landed({ landing: l }: { landing: Schemas['Landing'] }) {
  const apps = useApps()
  return (
    <Step tone={l.verdicts.length > 0 ? 'warn' : 'ok'} icon={<IconTargetArrow size={13} />} title={<>Became a Track Event in <Link to={`/apps/${l.app}`}>{apps.data?.find((a) => a.slug === l.app)?.name ?? l.app}</Link></>} aside={<span className="muted small">{fullTime(l.receivedAt)}</span>}>
      <div style={{ padding: '12px 16px' }}>
        <dl className="facts">
          <dt>Event</dt>
          <dd>{l.event ? <Link to={`/apps/${l.app}/events/${encodeURIComponent(l.event)}`}>{l.event}</Link> : <span className="muted">none</span>}</dd>
          <dt>Visitor</dt>
          <dd>{l.visitor ? <Link to={`/apps/${l.app}/visitors/${encodeURIComponent(l.visitor)}`}>{l.visitor}</Link> : <span className="muted">none</span>}</dd>
          <dt>Account</dt>
          <dd>{l.account ? <Link to={`/apps/${l.app}/accounts/${encodeURIComponent(l.account)}`}>{l.account}</Link> : <span className="muted">none</span>}</dd>
        </dl>
        {l.verdicts.length > 0 && (
          <ul className={styles.verdicts}>
            {l.verdicts.map((v) => (
              <li key={v.code}>{v.message}</li>
            ))}
          </ul>
        )}
      </div>
    </Step>
  )
}
