import { useState } from 'react'
import { Link } from 'react-router'

import { type Query, type Received, useOfApp } from '../../api/analytics'
import { Grid } from '../../parts/Grid'
import { Ago, Card, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { appBase } from './AppPage'
import { ReceivedDrawer } from './ReceivedDrawer'
import { idOf } from './rows'
import { VerdictPill, ViaTag } from './words'

const shownMax = 10

/** The last raw events of something, with a way to all of them. */
export function ShortReceived({ app, query }: { app: string; query: Record<string, string> }) {
  const [at, setAt] = useState('')
  const last = useOfApp<Received[]>(app, ['received'], () => ({ ...(query as Query), limit: shownMax }), ['short', query])
  return (
    <Card title="Last raw events" aside={<Link className="small" to={`${appBase(app)}/received?${new URLSearchParams(query)}`}>All of them</Link>} pad={false}>
      <Loaded query={last}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="None is on the log" />
          ) : (
            <div className="scroll-x" tabIndex={0}>
              <Grid>
                <thead>
                  <tr><th>Event</th><th>Visitor</th><th>Account</th><th>By way of</th><th>Verdicts</th><th>Received</th></tr>
                </thead>
                <tbody>
                  {rows.map((r) => (
                    <tr key={idOf(r)} data-link onClick={() => setAt(idOf(r))}>
                      <td>
                        <button type="button" className="plain" style={{ fontWeight: 500 }} onClick={(e) => { e.stopPropagation(); setAt(idOf(r)) }}>
                          {r.event ?? r.type}
                        </button>
                      </td>
                      <td>{r.visitor ?? <span className="muted">none</span>}</td>
                      <td>{r.account ?? <span className="muted">none</span>}</td>
                      <td><ViaTag via={r.via} /></td>
                      <td><span className="row wrap" style={{ gap: 4 }}>{r.verdicts.length === 0 ? <Pill tone="ok">fine</Pill> : r.verdicts.map((v) => <VerdictPill key={v.code} verdict={v} />)}</span></td>
                      <td><Ago at={r.receivedAt} /></td>
                    </tr>
                  ))}
                </tbody>
              </Grid>
            </div>
          )
        }
      </Loaded>
      <ReceivedDrawer app={app} at={at} row={last.data?.find((r) => idOf(r) === at)} onClose={() => setAt('')} />
    </Card>
  )
}
