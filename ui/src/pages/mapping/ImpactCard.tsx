import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'

import { client, Problem, type Schemas, unwrap } from '../../api/client'
import { compact, count, plural } from '../../lib/format'
import { Card, Pill, type Tone } from '../../parts/small'
import { Bones, ProblemBox } from '../../parts/states'
import type { Draft } from './draft'
import styles from './Mapping.module.css'

const calmMillis = 1200 // after the last change

function lookedAt(i: Schemas['Impact']): string {
  return `${plural(i.events, 'event')} looked at${i.partial === true ? '; there are more' : ''}`
}

/** What the change would have done to the last events of the source. */
export function ImpactCard({ destination, mapping, draft, enabled }: { destination: string; mapping: string | undefined; draft: Draft; enabled: boolean }) {
  const change = { ...draft, name: draft.name || 'New mapping', enabled }
  const order = JSON.stringify({ destination, ...(mapping === undefined ? {} : { mapping }), change })
  const [asked] = useDebouncedValue(order, calmMillis)
  const impact = useQuery({
    queryKey: ['impact', asked],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await unwrap(client.POST('/api/mappings/impact', { body: JSON.parse(asked) as Schemas['ImpactInputBody'], signal }))).data.impact[0] ?? null,
  })
  const i = impact.data
  const stale = impact.isPlaceholderData || asked !== order
  const told = stale ? 'of before the last change' : i ? lookedAt(i) : ''
  return (
    <Card
      title="On the last events"
      aside={told !== '' && <span className="muted tiny">{told}</span>}
    >
      {impact.error instanceof Problem && impact.error.status === 422 ? (
        <p className="muted small">Once the mapping is valid, this shows what it would have done to the last 10,000 events of the source.</p>
      ) : impact.error !== null ? (
        <ProblemBox error={impact.error} />
      ) : i === null ? (
        <p className="muted small">As it stands, nothing changes for the events that came in.</p>
      ) : i === undefined ? (
        <Bones rows={2} pad={false} />
      ) : i.events === 0 ? (
        <p className="muted small">The source has received nothing yet that this could be tried on.</p>
      ) : (
        <div className="stack tight" aria-busy={stale || undefined} style={{ opacity: stale ? 0.6 : 1 }}>
          <div className={styles.impactBar} role="img" aria-label={`${i.matchedAfter} of ${i.events} would be delivered`}>
            <span style={{ width: `${(100 * i.matchedAfter) / i.events}%` }} />
          </div>
          <p className="small">
            <strong>{count(i.matchedAfter)}</strong> would be delivered{mapping !== undefined && i.matchedBefore !== i.matchedAfter ? <>, {compact(i.matchedBefore)} as it is now</> : null}.
          </p>
          {mapping !== undefined && (
            <>
              <Examples tone="accent" label="delivered only after the change" found={i.newlyReached} />
              <Examples tone="warn" label="no longer delivered" found={i.noLongerReached} />
              <Examples tone="idle" label="with another payload" found={i.payloadChanged} />
            </>
          )}
          <Examples tone="bad" label="of which the fields cannot be made" found={i.newlyRejected} />
        </div>
      )}
    </Card>
  )
}

function Examples({ tone, label, found }: { tone: Tone; label: string; found: Schemas['Examples'] }) {
  if (found.count === 0) return null
  return (
    <div className="row wrap small">
      <Pill tone={tone}>{count(found.count)}</Pill> {label}
      <span className="muted tiny">
        as{' '}
        {found.messageIds.slice(0, 2).map((id) => (
          <Link key={id} to={`/where?id=${encodeURIComponent(id)}`} className="mono" style={{ marginRight: 6, textDecoration: 'underline' }}>
            {id.slice(0, 22)}
          </Link>
        ))}
      </span>
    </div>
  )
}
