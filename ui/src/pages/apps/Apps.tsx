import { Button } from '@mantine/core'
import { IconApps, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate } from 'react-router'

import { type Explored, type Received, useOfApp } from '../../api/analytics'
import { type App, useApps } from '../../api/workspace'
import { spanQuery } from '../../lib/days'
import { compact } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Spark } from '../../parts/LazyChart'
import { Page } from '../../parts/Page'
import { Ago, Card, Copy } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { appBase } from './AppPage'
import { regionLabel } from './regions'
import { UnknownKeys } from './UnknownKeys'

/** The apps of the receiving side. */
export function Apps() {
  const apps = useApps()
  const can = useCanChange()
  const add = can && (
    <Button component={Link} to="/apps/new" leftSection={<IconPlus size={14} />}>
      Add app
    </Button>
  )
  return (
    <Page title="Apps" description="The receiving side: each app has a key, takes events at the addresses that Pendo has, and shows what became of them." actions={add}>
      <div className="stack">
        <Loaded query={apps}>
          {(all) =>
            all.length === 0 ? (
              <div className="card">
                <Empty icon={<IconApps size={30} stroke={1.4} />} title="No app yet" action={add}>
                  An app receives Track Events as Pendo would, so that you see what arrives, for which visitor and account, and what is wrong with it. It takes a name; then its page has the address that a webhook is given.
                </Empty>
              </div>
            ) : (
              <div className="card scroll-x" tabIndex={0}>
                <Grid>
                  <thead>
                    <tr>
                      <th>Name</th>
                      <th>Key</th>
                      <th>Region</th>
                      <th>Last event</th>
                      <th className="num">Track Events, 24 h</th>
                      <th>Last 24 hours</th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((app) => (
                      <Row key={app.slug} app={app} />
                    ))}
                  </tbody>
                </Grid>
              </div>
            )
          }
        </Loaded>
        <Card title="Unknown keys" aside={<span className="muted tiny">what was sent to no app, since the server began</span>} pad={false}>
          <UnknownKeys />
        </Card>
      </div>
    </Page>
  )
}

function Row({ app }: { app: App }) {
  const navigate = useNavigate()
  const to = appBase(app.slug)
  const hours = useOfApp<Explored>(app.slug, ['explore'], () => ({ measure: 'events', interval: 'hour', ...spanQuery('24h', Date.now()) }), '24h')
  const last = useOfApp<Received[]>(app.slug, ['received'], () => ({ limit: 1 }), 'last')
  const all = hours.data?.groups[0]
  return (
    <tr data-link onClick={() => void navigate(to)}>
      <td>
        <Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>
          {app.name}
        </Link>
      </td>
      <td>
        <span className="row" style={{ gap: 2 }} onClick={(e) => e.stopPropagation()}>
          <code className="muted">{app.key}</code>
          <Copy value={app.key} label={`Copy the key of ${app.name}`} />
        </span>
      </td>
      <td className="muted">{regionLabel(app.region)}</td>
      <td>{last.data === undefined ? '–' : <Ago at={last.data[0]?.receivedAt} />}</td>
      <td className="num">{hours.data === undefined ? '–' : compact(all?.total ?? 0)}</td>
      <td style={{ width: 130 }}>
        <Spark values={all?.series.map((p) => p.value) ?? []} label={`${compact(all?.total ?? 0)} Track Events in 24 hours`} />
      </td>
    </tr>
  )
}
