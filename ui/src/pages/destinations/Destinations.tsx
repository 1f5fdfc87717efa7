import { Button } from '@mantine/core'
import { IconArrowsExchange, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate } from 'react-router'

import { type Destination, useCatalog, useDestinations, useLedger, useSources } from '../../api/workspace'
import { total } from '../../lib/flow'
import { compact, plural } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Grid } from '../../parts/Grid'
import { Page } from '../../parts/Page'
import { Search } from '../../parts/Search'
import { OnOff, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'

const defaults = { q: '', source: '', testEvent: '' }

export function Destinations() {
  const destinations = useDestinations()
  const sources = useSources()
  const can = useCanChange()
  const [state, set] = useUrlState(defaults)
  const add = can && (
    <Button component={Link} to="/catalog" leftSection={<IconPlus size={14} />}>
      Add destination
    </Button>
  )
  return (
    <Page title={state.testEvent === '' ? 'My destinations' : 'Which mapping is to be tested?'} description={state.testEvent === '' ? 'Where events go. Each gets the events of one source, through its mappings.' : `The event ${state.testEvent} becomes the test event of the mapping that you choose. A test is no delivery.`} actions={add}>
      <Loaded query={destinations}>
        {(all) => {
          const shown = all.filter((d) => (state.source === '' || d.source === state.source) && `${d.name} ${d.slug} ${d.type}`.toLowerCase().includes(state.q.toLowerCase()))
          if (all.length === 0 || (shown.length === 0 && state.testEvent !== ''))
            return (
              <div className="card">
                <Empty icon={<IconArrowsExchange size={30} stroke={1.4} />} title={all.length === 0 ? 'No destination yet' : 'Its source is not connected yet'} action={add}>
                  The catalog has what events can be sent to. For Pendo, there is a preset that takes two steps.
                </Empty>
              </div>
            )
          return (
            <div className="stack">
              <div className="row wrap">
                <Search value={state.q} onSearch={(q) => set({ q })} label="Search destinations" maw={360} className="grow" />
                {state.source !== '' && (
                  <Button variant="default" onClick={() => set({ source: '' })}>
                    Only of {sources.data?.find((s) => s.slug === state.source)?.name ?? state.source} ×
                  </Button>
                )}
              </div>
              {state.testEvent === '' ? <List destinations={shown} /> : <Choose destinations={shown} messageId={state.testEvent} />}
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}

function List({ destinations }: { destinations: Destination[] }) {
  const ledger = useLedger(5000)
  const catalog = useCatalog()
  const sources = useSources()
  const navigate = useNavigate()
  return (
    <div className="card scroll-x" tabIndex={0}>
      <Grid>
        <thead>
          <tr>
            <th>Name</th>
            <th>Source</th>
            <th>Type</th>
            <th>Status</th>
            <th className="num">Delivered</th>
            <th>Health</th>
          </tr>
        </thead>
        <tbody>
          {destinations.map((d) => {
            const sum = ledger.data && total(ledger.data.data.filter((r) => r.destination === d.slug))
            return (
              <tr key={d.slug} data-link onClick={() => void navigate(`/destinations/${d.slug}`)}>
                <td>
                  <Link to={`/destinations/${d.slug}`} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>
                    {d.name}
                  </Link>
                  <span className="muted tiny" style={{ display: 'block' }}>
                    {d.mappings.length === 0 ? 'no mapping yet' : `${d.mappings.filter((m) => m.enabled).length} of ${plural(d.mappings.length, 'mapping')} on`}
                  </span>
                </td>
                <td className="muted">{sources.data?.find((s) => s.slug === d.source)?.name ?? d.source}</td>
                <td className="muted">{catalog.data?.find((t) => t.slug === d.type)?.name ?? d.type}</td>
                <td>
                  <OnOff on={d.enabled} />
                </td>
                <td className="num">{sum ? compact(sum.delivered) : '–'}</td>
                <td>
                  <span className="row wrap" style={{ gap: 4 }}>
                    {sum && sum.parked > 0 && <Pill tone="warn">{compact(sum.parked)} parked</Pill>}
                    {sum && sum.retrying > 0 && <Pill tone="warn">{compact(sum.retrying)} retrying</Pill>}
                    {sum && sum.discarded > 0 && <Pill tone="bad">{compact(sum.discarded)} discarded</Pill>}
                    {sum && sum.lost > 0 && <Pill tone="bad">{compact(sum.lost)} lost</Pill>}
                    {sum && sum.parked + sum.retrying + sum.discarded + sum.lost === 0 && <span className="muted">nothing to report</span>}
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </Grid>
    </div>
  )
}

function Choose({ destinations, messageId }: { destinations: Destination[]; messageId: string }) {
  return (
    <div className="card">
      <ul className="list">
        {destinations.flatMap((d) => [
          ...d.mappings.map((m) => (
            <li key={`${d.slug}/${m.id}`}>
              <Link className="item" to={`/destinations/${d.slug}/mappings/${m.id}?test=${encodeURIComponent(messageId)}`}>
                <span className="grow">
                  <strong>{m.name}</strong> <span className="muted">of {d.name}</span>
                  <code className="muted" style={{ display: 'block' }}>
                    {m.trigger}
                  </code>
                </span>
                <OnOff on={m.on} />
              </Link>
            </li>
          )),
        ])}
      </ul>
    </div>
  )
}
