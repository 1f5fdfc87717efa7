import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { count } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Ago, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { appBase } from './AppPage'
import { ViaTag } from './words'

const againMillis = 10_000

const reasons: Record<Schemas['UnknownKey']['reason'], { label: string; title: string }> = {
  unknown_key: { label: 'unknown key', title: 'No app has this key. Compare it with the keys of the apps: a digit may be missing.' },
  wrong_region: { label: 'wrong region', title: 'The key belongs to an app of another region than the host that it was sent to.' },
  unknown_secret: { label: 'unknown secret', title: 'No app has this shared secret. It may be one from before a rotation.' },
}

/** What came for nobody: with app, only what was meant for it. */
export function UnknownKeys({ app }: { app?: string }) {
  const keys = useQuery({ queryKey: ['unknown-keys'], refetchInterval: againMillis, queryFn: async () => (await unwrap(client.GET('/api/unknown-keys'))).data })
  return (
    <Loaded query={keys}>
      {(all) => {
        const shown = app === undefined ? all : all.filter((k) => k.app === app)
        if (shown.length === 0) return <Empty title={app === undefined ? 'Every key was known' : 'Nothing that was meant for this app went astray'}>What is sent with a wrong key, or to the wrong region, is listed here with its sender.</Empty>
        return (
          <div className="scroll-x" tabIndex={0} role="region" aria-label="Keys">
            <Grid>
              <thead>
                <tr>
                  <th>Key</th>
                  <th>Why</th>
                  <th>By way of</th>
                  <th className="num">Requests</th>
                  <th>Last sender</th>
                  <th>Last seen</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((k) => (
                  <tr key={`${k.key} ${k.reason}`}>
                    <td><code>{k.key}</code></td>
                    <td>
                      <span className="row">
                        <Pill tone="warn" title={reasons[k.reason].title}>{reasons[k.reason].label}</Pill>
                        {k.app !== undefined && app === undefined && <span className="muted tiny">of <Link to={appBase(k.app)}>{k.app}</Link></span>}
                      </span>
                    </td>
                    <td><ViaTag via={k.via} /></td>
                    <td className="num">{count(k.count)}</td>
                    <td className="muted" style={{ maxWidth: 260 }}>
                      <div className="clip" title={k.agent}>{k.remote} · {k.agent || 'no user agent'}</div>
                    </td>
                    <td><Ago at={k.lastSeen} /></td>
                  </tr>
                ))}
              </tbody>
            </Grid>
          </div>
        )
      }}
    </Loaded>
  )
}
