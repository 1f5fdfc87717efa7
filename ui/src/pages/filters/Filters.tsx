import { Button, Switch } from '@mantine/core'
import { IconFilter, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from 'react-router'

import { type Destination, useChange, useDestination } from '../../api/workspace'
import { Grid } from '../../parts/Grid'
import { Ago } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useCanChange } from '../../shell/useSession'
import { DestinationFrame } from '../destinations/DestinationFrame'
import { patchFilter } from './api'
import { actionText, type Filter } from './draft'

/** The filters of a destination: what never reaches its mappings, or not whole. */
export function Filters() {
  const { destination: slug = '' } = useParams()
  const destination = useDestination(slug)
  const can = useCanChange()
  const add = can && (
    <Button component={Link} to={`/destinations/${slug}/filters/new`} leftSection={<IconPlus size={14} />}>
      New filter
    </Button>
  )
  return (
    <DestinationFrame slug={slug} active="filters" actions={destination.data && add}>
      <Loaded query={destination}>
        {(d) =>
          d.filters.length === 0 ? (
            <div className="card">
              <Empty icon={<IconFilter size={28} stroke={1.4} />} title="No filter yet" action={add}>
                A filter stands in front of all mappings: it drops events, delivers a part of them, or takes properties out. It is tried on a real event before it is saved.
              </Empty>
            </div>
          ) : (
            <div className="stack">
              <div className="card scroll-x" tabIndex={0}>
                <Grid aria-label="Filters" style={{ minWidth: 720 }}>
                  <thead>
                    <tr>
                      <th>Status</th>
                      <th>Filter</th>
                      <th>Of events where</th>
                      <th>It</th>
                      <th>Changed</th>
                    </tr>
                  </thead>
                  <tbody>
                    {d.filters.map((f) => (
                      <Row key={f.id} destination={d} filter={f} />
                    ))}
                  </tbody>
                </Grid>
              </div>
              <p className="muted small">Every condition looks at the event as it came in; dropping comes first, then sampling, then the taking out. A change is in force for the events that come after it.</p>
            </div>
          )
        }
      </Loaded>
    </DestinationFrame>
  )
}

function Row({ destination: d, filter: f }: { destination: Destination; filter: Filter }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const turn = useChange((enabled: boolean) => patchFilter(d.slug, f.id, { enabled }), (_, enabled) => (enabled ? `${f.name} is in force for what comes in from now on` : `${f.name} is off`))
  const on = useChoice({ value: f.enabled, version: f.revision }, turn.mutateAsync)
  const to = `/destinations/${d.slug}/filters/${f.id}`
  return (
    <tr data-link onClick={() => void navigate(to)}>
      <td onClick={(e) => e.stopPropagation()} style={{ width: 90 }}>
        <Switch
          checked={on.value}
          disabled={!can}
          onChange={(e) => on.choose(e.currentTarget.checked)}
          aria-label={`${f.name} is on`}
        />
      </td>
      <td style={{ minWidth: 140 }}>
        <Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>
          {f.name}
        </Link>
        {f.description !== undefined && f.description !== '' && <div className="muted tiny">{f.description}</div>}
      </td>
      <td>{f.if === 'all' ? <span className="muted">every event</span> : <code>{f.if}</code>}</td>
      <td>
        {f.actions.map((a, i) => (
          <div key={i}>{actionText(a)}</div>
        ))}
      </td>
      <td className="muted" style={{ whiteSpace: 'nowrap' }}>
        <Ago at={f.updatedAt} />
      </td>
    </tr>
  )
}
