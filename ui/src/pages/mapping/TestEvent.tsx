import { Button, Select, SegmentedControl } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type AnyEvent, recentEvents } from '../../api/history'
import { timeOfDay } from '../../lib/format'
import { Newest } from '../../lib/newest'
import type { Option } from '../../lib/options'
import { Json } from '../../parts/Json'
import { JsonEditor } from '../../parts/JsonEditor'
import { ProblemBox } from '../../parts/states'
import styles from './Mapping.module.css'

const recentMax = 50

/** An event to begin with where none has come yet: the article's. */
export const sampleEvent: AnyEvent = {
  type: 'track', event: 'Example Event Name', userId: '123', groupId: 'account', messageId: 'sample-1', timestamp: '2026-01-02T03:04:05.000Z',
  properties: { exampleKeyName: 'exampleValue' }, context: { library: { name: 'unknown', version: 'unknown' } },
}

/** An event in a few words. */
function labelOf(e: AnyEvent): string {
  const at = String(e['receivedAt'] ?? '')
  const user = String(e['userId'] ?? e['anonymousId'] ?? '')
  return [e.event ?? e.name ?? e.type ?? '', user, Number.isNaN(Date.parse(at)) ? '' : timeOfDay(at)].join(' · ')
}

/** The events to choose from, each once, with the one that is tried: it may be older, or of another type. */
function optionsOf(recent: AnyEvent[], tried: AnyEvent | null): Option[] {
  const byId = new Map<string, AnyEvent>()
  for (const e of [...recent, ...(tried === null ? [] : [tried])]) {
    if (e.messageId !== undefined && !byId.has(e.messageId)) byId.set(e.messageId, e)
  }
  return [...byId].map(([value, e]) => ({ value, label: labelOf(e) }))
}

interface Props {
  source: string
  event: AnyEvent | null
  onEvent: (event: AnyEvent) => void
  wanted: string // type that the trigger asks for
}

/** The event that everything is tried on: of the source, or pasted. */
export function TestEvent({ source, event, onEvent, wanted }: Props) {
  const [mode, setMode] = useState('source')
  const recent = useQuery({ queryKey: ['recent', source, wanted], queryFn: ({ signal }) => recentEvents(source, recentMax, wanted === '' ? {} : { type: wanted }, signal) })
  const [newest] = useState(() => new Newest())
  const take = (event: AnyEvent) => {
    newest.begin() // an answer that is on its way no longer counts
    onEvent(event)
  }
  const load = async () => {
    const counts = newest.begin()
    const { data } = await recent.refetch()
    if (data?.[0] !== undefined && counts()) onEvent(data[0])
  }
  const show = (next: string) => {
    setMode(next)
    if (next === 'paste') take(event ?? sampleEvent) // what is shown is what is tried, whatever comes in
  }
  const options = recent.data === undefined ? [] : optionsOf(recent.data, event)
  return (
    <div className="stack">
      <div className="spread" style={{ flexWrap: 'wrap' }}>
        <SegmentedControl
          aria-label="Test event"
          value={mode}
          onChange={show}
          data={[{ value: 'source', label: 'From the source' }, { value: 'paste', label: 'Paste JSON' }]}
        />
        {mode === 'source' && (
          <Button variant="default" leftSection={<IconDownload size={14} />} loading={recent.isFetching} onClick={() => void load()}>
            Load Test Event from Source
          </Button>
        )}
      </div>
      {mode === 'source' ? (
        <>
          {recent.error !== null && <ProblemBox error={recent.error} />}
          {recent.data !== undefined && recent.data.length > 0 && (
            <Select
              label={`The last ${recent.data.length} events that came in`}
              searchable
              placeholder="Choose one"
              value={event?.messageId ?? null}
              onChange={(id) => {
                const chosen = recent.data.find((e) => e.messageId === id)
                if (chosen !== undefined) take(chosen)
              }}
              data={options}
            />
          )}
          {recent.data?.length === 0 && (
            <div className={styles.hint}>
              No {wanted} event has come in for this source yet.{' '}
              <Button variant="subtle" size="compact-xs" onClick={() => take(sampleEvent)}>
                Use a sample event
              </Button>
            </div>
          )}
          {event !== null && <Json value={event} label="test event" max={260} />}
        </>
      ) : (
        <Paste event={event ?? sampleEvent} onEvent={take} />
      )}
    </div>
  )
}

function Paste({ event, onEvent }: { event: AnyEvent; onEvent: (event: AnyEvent) => void }) {
  const [text, setText] = useState(() => JSON.stringify(event, null, 2))
  const [wrong, setWrong] = useState('')
  const take = (next: string) => {
    setText(next)
    try {
      const value: unknown = JSON.parse(next)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('an event is an object')
      onEvent(value as AnyEvent)
      setWrong('')
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <>
      <JsonEditor value={text} onChange={take} label="Test event as JSON" />
      {wrong !== '' && <p className={styles.warning}>Not an event yet: {wrong}</p>}
    </>
  )
}
