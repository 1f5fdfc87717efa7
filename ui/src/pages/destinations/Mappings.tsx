import { Button, Menu, Switch } from '@mantine/core'
import { IconAdjustments, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from 'react-router'

import {
  type Destination, type Mapping, patchMapping, useCatalog, useChange, useDestination, useLedger,
} from '../../api/workspace'
import { compact } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useCanChange } from '../../shell/useSession'
import { Checks } from './Destination'
import { DestinationFrame } from './DestinationFrame'

export function Mappings() {
  const { destination: slug = '' } = useParams()
  const destination = useDestination(slug)
  return (
    <DestinationFrame slug={slug} active="mappings" actions={destination.data && <NewMapping destination={destination.data} />}>
      <Loaded query={destination}>
        {(d) =>
          d.mappings.length === 0 ? (
            <div className="card">
              <Empty icon={<IconAdjustments size={28} stroke={1.4} />} title="No mapping yet" action={<NewMapping destination={d} />}>
                A mapping says which events are sent, and what the request is made of. It is tried on a real event before anything is sent.
              </Empty>
            </div>
          ) : (
            <div className="stack">
              <Checks slug={slug} />
              <div className="card scroll-x" tabIndex={0}>
                <Grid>
                  <thead>
                    <tr>
                      <th>Status</th>
                      <th>Mapping</th>
                      <th>Action</th>
                      <th>Sends events where</th>
                      <th className="num">Delivered</th>
                      <th>Health</th>
                    </tr>
                  </thead>
                  <tbody>
                    {d.mappings.map((m) => (
                      <Row key={m.id} destination={d} mapping={m} />
                    ))}
                  </tbody>
                </Grid>
              </div>
            </div>
          )
        }
      </Loaded>
    </DestinationFrame>
  )
}

function NewMapping({ destination: d }: { destination: Destination }) {
  const catalog = useCatalog()
  const can = useCanChange()
  const actions = catalog.data?.find((t) => t.slug === d.type)?.actions ?? []
  const to = (action: string) => `/destinations/${d.slug}/mappings/new?action=${action}`
  const navigate = useNavigate()
  if (!can) return null
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button leftSection={<IconPlus size={14} />}>New Mapping</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Which action?</Menu.Label>
        {actions.map((a) => (
          <Menu.Item key={a.slug} onClick={() => void navigate(to(a.slug))}>
            <span style={{ fontWeight: 550 }}>{a.name}</span>
            <span className="muted tiny" style={{ display: 'block' }}>
              {a.description}
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Row({ destination: d, mapping: m }: { destination: Destination; mapping: Mapping }) {
  const can = useCanChange()
  const ledger = useLedger(5000)
  const navigate = useNavigate()
  const turn = useChange((enabled: boolean) => patchMapping(d.slug, m.id, { enabled }), (_, enabled) => (enabled ? (d.enabled ? `${m.name} is on: what comes in from now on is delivered` : `${m.name} is on; the destination is still off`) : `${m.name} is off`))
  const on = useChoice({ value: m.enabled, version: m.revision }, turn.mutateAsync)
  const row = ledger.data?.data.find((r) => r.destination === d.slug && r.mapping === m.name)
  const to = `/destinations/${d.slug}/mappings/${m.id}`
  return (
    <tr data-link onClick={() => void navigate(to)}>
      <td onClick={(e) => e.stopPropagation()} style={{ width: 90 }}>
        <Switch
          checked={on.value}
          disabled={!can}
          onChange={(e) => on.choose(e.currentTarget.checked)}
          aria-label={`${m.name} is on`}
        />
      </td>
      <td>
        <Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>
          {m.name}
        </Link>
      </td>
      <td className="muted">{m.action}</td>
      <td>
        <code>{m.trigger}</code>
      </td>
      <td className="num">{row ? compact(row.delivered) : '–'}</td>
      <td>
        <span className="row wrap" style={{ gap: 4 }}>
          {row && row.parked > 0 && <Pill tone="warn">{compact(row.parked)} parked</Pill>}
          {row && row.retrying > 0 && <Pill tone="warn">{compact(row.retrying)} retrying</Pill>}
          {row && row.discarded > 0 && <Pill tone="bad">{compact(row.discarded)} discarded</Pill>}
          {(!row || row.parked + row.retrying + row.discarded === 0) && <span className="muted">{m.on ? 'nothing to report' : 'off'}</span>}
        </span>
      </td>
    </tr>
  )
}
