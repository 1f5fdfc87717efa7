import { Button, SegmentedControl, Select } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { IconRoute, IconSend } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link, useParams } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { keepOf } from '../../api/queries'
import { useDestination } from '../../api/workspace'
import { duration, fullTime, plural } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import { Json } from '../../parts/Json'
import { Ago, StatePill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { OutcomeLine } from '../where/JourneyView'
import { DestinationFrame } from './DestinationFrame'
import styles from './Destination.module.css'

const defaults = { show: 'sent', mapping: '' }
const pageSize = 100

type Status = 'delivered' | 'filtered' | 'duplicate' | 'discarded' | 'lost' | 'retrying' | 'parked' | 'resumed'

const shows: Record<string, { label: string; statuses: Status[]; standing: boolean }> = {
  sent: { label: 'Sent', statuses: ['delivered', 'retrying', 'discarded'], standing: false },
  delivered: { label: 'Delivered', statuses: ['delivered'], standing: false },
  open: { label: 'Retrying', statuses: ['retrying', 'parked'], standing: true },
  discarded: { label: 'Discarded', statuses: ['discarded', 'lost'], standing: true },
  filtered: { label: 'Filtered', statuses: ['filtered', 'duplicate'], standing: false },
}

/** The outcomes of a destination's events, each with its request and its answer. */
export function Attempts() {
  const { destination: slug = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const destination = useDestination(slug)
  const show = shows[state.show] ?? shows['sent']
  const found = useInfiniteQuery({
    queryKey: ['attempts', slug, state.show, state.mapping],
    initialPageParam: '',
    placeholderData: keepOf(['attempts', slug]),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 4000 : false),
    queryFn: async ({ pageParam }) => {
      const query = { limit: pageSize, status: show?.statuses ?? [], standing: show?.standing ?? false, ...(state.mapping && { mapping: state.mapping }), ...(pageParam && { before: pageParam }) }
      return (await unwrap(client.GET('/api/destinations/{destination}/attempts', { params: { path: { destination: slug }, query }, querySerializer: { array: { style: 'form', explode: false } } }))).data ?? []
    },
    getNextPageParam: (last: Schemas['Attempt'][]) => (last.length < pageSize ? undefined : last.at(-1)?.position),
  })
  const rows = useMemo(() => found.data?.pages.flat() ?? [], [found.data])
  const mappings = destination.data?.mappings ?? []
  const [open, setOpen] = useState('')
  return (
    <DestinationFrame slug={slug} active="attempts">
      <div className="stack">
        <div className="row wrap">
          <SegmentedControl aria-label="Show" value={state.show} onChange={(value) => set({ show: value })} data={Object.entries(shows).map(([value, { label }]) => ({ value, label }))} />
          {(mappings.length > 1 || state.mapping !== '') && (
            <Select
              aria-label="Mapping"
              placeholder="Any mapping"
              size="xs"
              clearable
              data={withChosen(mappings.map((m) => ({ value: m.id, label: m.name })), state.mapping)}
              value={state.mapping || null}
              onChange={(v) => set({ mapping: v ?? '' })}
            />
          )}
        </div>
        {found.error !== null && rows.length === 0 ? (
          <ProblemBox error={found.error} retry={() => void found.refetch()} />
        ) : (
          <div
            className="card"
            aria-busy={found.isPlaceholderData || undefined}
            style={{ overflow: 'hidden', opacity: found.isPlaceholderData ? 0.6 : 1 }}
          >
            {found.isPending || (found.isPlaceholderData && rows.length === 0) ? (
              <Bones rows={8} />
            ) : rows.length === 0 ? (
              <Empty icon={<IconSend size={28} stroke={1.4} />} title={state.show === 'discarded' ? 'Nothing was discarded' : state.show === 'open' ? 'Nothing waits for another try' : 'There is no attempt yet'}>
                {state.show === 'sent' || state.show === 'delivered' ? 'When the destination and a mapping are on, every request that is sent is listed here with its answer.' : 'That is as it should be.'}
              </Empty>
            ) : (
              <>
                <div className={styles.heads}>
                  {['When', 'State', 'Answer', 'Event and user', 'Why, or of which mapping', 'Took'].map((head) => (
                    <span key={head}>{head}</span>
                  ))}
                </div>
                {rows.map((row) => {
                  const id = `${row.position} ${row.event}`
                  return (
                    <div key={id}>
                      <button type="button" className={`plain ${styles.attempt}`} aria-expanded={open === id} onClick={() => setOpen(open === id ? '' : id)}>
                        <span className="muted tiny">{fullTime(row.at)}</span>
                        <span>
                          <StatePill state={row.status} />
                        </span>
                        <span className="tag" style={{ justifySelf: 'start' }}>
                          {row.http ?? row.code ?? '–'}
                        </span>
                        <span className="clip">
                          <span style={{ fontWeight: 500 }}>{row.name ?? row.type ?? plural(row.events, 'event')}</span> <span className="muted">{row.user}</span>
                        </span>
                        <span className="clip muted">{row.reason ?? (row.events > 1 ? plural(row.events, 'event') : row.mapping)}</span>
                        <span className="muted tiny" style={{ textAlign: 'right' }}>
                          {row.http !== undefined ? duration(row.took ?? 0) : ''}
                        </span>
                      </button>
                      {open === id && <Detail attempt={row} slug={slug} />}
                    </div>
                  )
                })}
              </>
            )}
          </div>
        )}
        {found.hasNextPage && (
          <div>
            <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </div>
    </DestinationFrame>
  )
}

function Detail({ attempt, slug }: { attempt: Schemas['Attempt']; slug: string }) {
  const id = attempt.messageId ?? ''
  const journey = useQuery({ queryKey: ['journey', id], enabled: id !== '', queryFn: async () => (await unwrap(client.GET('/api/events/{messageId}', { params: { path: { messageId: id } } }))).data })
  if (id === '') return <p className={`${styles.detail} muted small`}>It is about {plural(attempt.events, 'event')} together: {attempt.reason ?? attempt.status}.</p>
  const failed = journey.error !== null && journey.data === undefined
  if (failed) return <div className={styles.detail}><ProblemBox error={journey.error} /></div>
  const delivery = journey.data?.arrivals.flatMap((a) => a.mappings).find((m) => m.destination === slug && m.mapping === attempt.mapping)
  return (
    <div className={styles.detail}>
      {journey.data === undefined ? (
        <Bones rows={3} pad={false} />
      ) : (
        <div className="stack tight">
          <div className="row wrap">
            <Button component={Link} to={`/where?id=${encodeURIComponent(id)}`} size="compact-sm" variant="default" leftSection={<IconRoute size={14} />}>
              Open journey
            </Button>
            {attempt.due !== undefined && <span className="muted small">next try <Ago at={attempt.due} /></span>}
          </div>
          {(delivery?.outcomes ?? []).map((o, i) => (
            <OutcomeLine key={i} outcome={o} />
          ))}
          {delivery?.payload !== undefined && <Json value={delivery.payload} label="payload" max={260} />}
        </div>
      )}
    </div>
  )
}
