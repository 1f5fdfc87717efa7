import { useQuery } from '@tanstack/react-query'

import { client, unwrap } from '../../api/client'
import { bytes, count, fullTime } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Ago, Card, CopyField } from '../../parts/small'
import { Loaded } from '../../parts/states'
import { SettingsFrame } from './SettingsFrame'

/** The server: its version, its storage, how far its log reaches back, what it was started with. */
export function About() {
  const server = useQuery({ queryKey: ['server'], queryFn: async () => (await unwrap(client.GET('/api/server'))).data })
  return (
    <SettingsFrame active="about">
      <div className="stack">
        <Loaded query={server}>
          {(s) => (
            <div className="halves">
              <Card title="Server">
                <dl className="facts">
                  <dt>Version</dt><dd className="mono">{s.version}</dd>
                  <dt>Reached at</dt><dd><CopyField value={s.url} label="Copy URL" /></dd>
                  <dt>Started</dt><dd>{fullTime(s.startedAt)} (<Ago at={s.startedAt} />)</dd>
                  {s.storage.map((d) => <div key={d.name} style={{ display: 'contents' }}><dt>{d.name}</dt><dd>{bytes(d.bytes)}</dd></div>)}
                </dl>
              </Card>
              <Card title="Streams" pad={false}>
                <div className="scroll-x" tabIndex={0}>
                  <Grid>
                    <thead><tr><th>Stream</th><th className="num">Frames</th><th className="num">Size</th><th>Reaches back to</th></tr></thead>
                    <tbody>{s.streams.map((x) => <tr key={x.name}><td className="mono">{x.name}</td><td className="num">{count(x.last === 0 ? 0 : x.last - x.first + 1)}</td><td className="num">{bytes(x.bytes)}</td><td className="muted">{x.since === undefined ? 'nothing yet' : fullTime(x.since)}</td></tr>)}</tbody>
                  </Grid>
                </div>
              </Card>
            </div>
          )}
        </Loaded>
        {server.data !== undefined && (
          <Card title="What it was started with" aside={<span className="muted tiny">changed by flags or the environment, at the next start</span>} pad={false}>
            <div className="scroll-x" tabIndex={0}>
              <table className="grid"><tbody>{server.data.settings.map((x) => <tr key={x.name}><td className="mono" style={{ width: '36%' }}>{x.name}</td><td className="mono">{x.value === '' ? <span className="muted">not set</span> : x.value}</td></tr>)}</tbody></table>
            </div>
          </Card>
        )}
      </div>
    </SettingsFrame>
  )
}
