import { Button } from '@mantine/core'
import { IconBroadcast, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate } from 'react-router'

import { useVolume } from '../../api/history'
import { type Source, useSources } from '../../api/workspace'
import { fillSteps } from '../../lib/chart'
import { compact, plural } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Grid } from '../../parts/Grid'
import { Page } from '../../parts/Page'
import { Spark } from '../../parts/LazyChart'
import { Search } from '../../parts/Search'
import { OnOff } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { kindOf } from './kinds'

const defaults = { q: '' }

export function Sources() {
  const sources = useSources()
  const can = useCanChange()
  const [state, set] = useUrlState(defaults)
  const add = can && (
    <Button component={Link} to="/sources/new" leftSection={<IconPlus size={14} />}>
      Add source
    </Button>
  )
  return (
    <Page title="Sources" description="Where events come from: each has a write key that your applications send with." actions={add}>
      <Loaded query={sources}>
        {(all) =>
          all.length === 0 ? (
            <div className="card">
              <Empty icon={<IconBroadcast size={30} stroke={1.4} />} title="No source yet" action={add}>
                A source is a website, a server or an app that sends events. It takes a name; then its page has calls that you can paste.
              </Empty>
            </div>
          ) : (
            <div className="stack">
              <Search value={state.q} onSearch={(q) => set({ q })} label="Search sources" maw={360} />
              <div className="card scroll-x" tabIndex={0}>
                <Grid>
                  <thead>
                    <tr>
                      <th>Name</th>
                      <th>Kind</th>
                      <th>Status</th>
                      <th>Destinations</th>
                      <th className="num">Events, 24 h</th>
                      <th>Last 24 hours</th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.filter((s) => `${s.name} ${s.slug}`.toLowerCase().includes(state.q.toLowerCase())).map((s) => (
                      <Row key={s.slug} source={s} />
                    ))}
                  </tbody>
                </Grid>
              </div>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

function Row({ source: s }: { source: Source }) {
  const volume = useVolume(s.slug, '24h')
  const navigate = useNavigate()
  const kind = kindOf(s.type)
  const rows = volume.data && fillSteps(volume.data.points, volume.data.since, volume.data.until, volume.data.step * 2, ['events'], (p) => [['events', p.events]])
  const events = rows?.reduce((n, r) => n + (r['events'] ?? 0), 0)
  return (
    <tr data-link onClick={() => void navigate(`/sources/${s.slug}`)}>
      <td>
        <Link to={`/sources/${s.slug}`} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>
          {s.name}
        </Link>
      </td>
      <td>
        <span className="row muted">
          {kind.icon} {kind.label}
        </span>
      </td>
      <td>
        <OnOff on={s.enabled} />
      </td>
      <td>{s.destinations.length === 0 ? <span className="muted">none yet</span> : plural(s.destinations.length, 'destination')}</td>
      <td className="num">{events === undefined ? '–' : compact(events)}</td>
      <td style={{ width: 130 }}>
        <Spark values={rows?.map((r) => r['events'] ?? 0) ?? []} label={events === undefined ? 'loading' : `${compact(events)} events in 24 hours`} />
      </td>
    </tr>
  )
}
