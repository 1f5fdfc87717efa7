import { Button, SegmentedControl } from '@mantine/core'
import { IconArrowsExchange, IconCode, IconPlus } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'

import { useSample, useVolume } from '../../api/history'
import { useDestinations, useSource } from '../../api/workspace'
import { fillSteps } from '../../lib/chart'
import { compact, count, plural, share } from '../../lib/format'
import { rangeMillis, ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { LazyChart } from '../../parts/LazyChart'
import { Page } from '../../parts/Page'
import { Ago, Card, CopyField, OnOff, Tile } from '../../parts/small'
import { Bones, Earlier, Empty, Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { EventNames } from './EventNames'
import { learn } from './schema'
import { SourceTabs } from './SourceTabs'

const defaults = { range: '24h' }
const sampleSize = 2000
const types = [
  { name: 'track', color: 'water.6' }, { name: 'page', color: 'gray.5' }, { name: 'identify', color: 'teal.6' }, { name: 'group', color: 'grape.5' }, { name: 'screen', color: 'orange.5' }, { name: 'alias', color: 'pink.5' },
]

/** One source: what comes in, under which names, and where it goes. */
export function Source() {
  const { source: slug = '' } = useParams()
  const source = useSource(slug)
  const [state, set] = useUrlState(defaults)
  const volume = useVolume(slug, state.range)
  const sample = useSample(slug, sampleSize)
  const can = useCanChange()
  const rows = volume.data && fillSteps(volume.data.points, volume.data.since, volume.data.until, volume.data.step, types.map((t) => t.name), (p) => [[p.type, p.events]])
  const seen = types.filter((t) => volume.data?.points.some((p) => p.type === t.name))
  const events = volume.data?.points.reduce((n, p) => n + p.events, 0)
  const duplicates = volume.data?.points.reduce((n, p) => n + p.duplicates, 0) ?? 0
  const learned = sample.data && learn(sample.data)
  const tracks = learned?.filter((n) => n.type === 'track') ?? []
  const trackEvents = tracks.reduce((n, t) => n + t.events, 0)
  const withAccount = tracks.reduce((n, t) => n + t.withAccount, 0)
  return (
    <Page
      title={source.data?.name ?? slug}
      crumbs={[{ label: 'Sources', to: '/sources' }]}
      badge={source.data && <OnOff on={source.data.enabled} />}
      tabs={<SourceTabs source={slug} active="overview" />}
      actions={<SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(range) => set({ range })} />}
    >
      <Loaded query={source}>
        {(s) => (
          <div className="stack">
            <Earlier when={volume.isPlaceholderData}>
              <div className="tiles">
                <Tile
                  label="Events"
                  value={events === undefined ? '–' : compact(events)}
                  note={duplicates > 0 ? `${count(duplicates)} repeats, which are not delivered again` : 'no repeats'}
                />
                <Tile
                  label="Event names"
                  value={volume.data === undefined ? '–' : compact(volume.data.names.filter((n) => n.type === 'track').length)}
                  note="of Track calls"
                />
                <Tile
                  label="With an account"
                  value={learned === undefined ? '–' : share(withAccount, trackEvents)}
                  tone={trackEvents > 0 && withAccount / trackEvents < 0.95 ? 'warn' : undefined}
                  note={sample.data && `groupId, in the last ${plural(trackEvents, 'Track call')}`}
                />
                <Tile
                  label="Last event"
                  value={<span style={{ fontSize: '1rem' }}><Ago at={lastSeen(volume.data?.names)} /></span>}
                  note={<Link to={`/sources/${slug}/debugger`}>Open the debugger</Link>}
                />
              </div>
              <Card title="Volume">
                {volume.error !== null && rows === undefined ? (
                  <ProblemBox error={volume.error} />
                ) : events === 0 ? (
                  <Empty
                    title="Nothing came in in this time"
                    action={<Button component={Link} to={`/sources/${slug}/setup`} variant="default" leftSection={<IconCode size={14} />}>Calls that you can paste</Button>}
                  >
                    As soon as an application sends with the write key of this source, its events are counted here.
                  </Empty>
                ) : rows === undefined ? (
                  <div className="bone" style={{ height: 220 }} />
                ) : (
                  <LazyChart label="Events received" rows={rows} series={seen} rangeMillis={rangeMillis(state.range)} />
                )}
              </Card>
            </Earlier>
            <div className="split">
              <Card title="Events" aside={<span className="muted tiny">{sample.data && `schema and coverage of the last ${plural(sample.data.length, 'event')}`}</span>} pad={false}>
                {volume.data === undefined ? (
                  <Bones rows={6} />
                ) : (
                  <Earlier when={volume.isPlaceholderData}>
                    <EventNames names={volume.data.names} learned={learned ?? []} source={slug} />
                  </Earlier>
                )}
              </Card>
              <div className="stack">
                <Card title="Write key">
                  <div className="stack tight">
                    {s.writeKeys.map((key) => (
                      <CopyField key={key} value={key} label="Copy write key" />
                    ))}
                    <p className="muted small">
                      <Link to={`/sources/${slug}/setup`}>Ready snippets</Link> have it filled in.
                    </p>
                  </div>
                </Card>
                <Connected slug={slug} can={can} />
              </div>
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function lastSeen(names: { lastSeen: string }[] | undefined): string | undefined {
  return names?.map((n) => n.lastSeen).sort().at(-1)
}

function Connected({ slug, can }: { slug: string; can: boolean }) {
  const destinations = useDestinations()
  const own = destinations.data?.filter((d) => d.source === slug)
  return (
    <Card title="Destinations" aside={can && <Button component={Link} to={`/catalog?source=${slug}`} variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />}>Add</Button>} pad={false}>
      {own === undefined ? (
        <Bones rows={2} />
      ) : own.length === 0 ? (
        <Empty icon={<IconArrowsExchange size={26} stroke={1.4} />} title="Not connected yet">Events are kept, and nothing is sent. Add a destination to send them on.</Empty>
      ) : (
        <ul className="list">
          {own.map((d) => (
            <li key={d.slug}>
              <Link to={`/destinations/${d.slug}`} className="item">
                <span className="grow">
                  <span className="clip" style={{ display: 'block', fontWeight: 500 }}>{d.name}</span>
                  <span className="muted tiny">{plural(d.mappings.length, 'mapping')}</span>
                </span>
                <OnOff on={d.enabled} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
