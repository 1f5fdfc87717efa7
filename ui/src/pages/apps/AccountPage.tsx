import { Link, useParams } from 'react-router'

import { type AccountDetail, useOfApp, type VisitorRow } from '../../api/analytics'
import { Problem } from '../../api/client'
import { compact, plural } from '../../lib/format'
import { Ago, Card, Copy, Tile } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { appBase, AppPage } from './AppPage'
import { Activity, Control, Metadata, OwnEvents } from './PersonParts'
import { ShortReceived } from './ShortReceived'
import { Flags } from './Visitors'

/** One account of an app. */
export function AccountPage() {
  const { app = '', account: id = '' } = useParams()
  const account = useOfApp<AccountDetail>(app, ['accounts', id])
  return (
    <AppPage active="accounts" below={{ title: id, badge: <><Copy value={id} label="Copy the Account ID" />{account.data && <Flags row={account.data} />}</> }}>
      {() =>
        account.error instanceof Problem && account.error.status === 404 && account.data === undefined ? (
          <div className="card">
            <Empty title="There is no such account" action={<Link to={`${appBase(app)}/accounts`}>See the accounts</Link>}>
              Nothing that named it was received, or it was erased.
            </Empty>
          </div>
        ) : (
          <Loaded query={account}>
            {(found) => <Content key={id} app={app} a={found} asOf={account.dataUpdatedAt} />}
          </Loaded>
        )
      }
    </AppPage>
  )
}

function Content({ app, a, asOf }: { app: string; a: AccountDetail; asOf: number }) {
  const base = appBase(app)
  return (
    <div className="stack">
      <div className="tiles">
        <Tile label="Visitors" value={compact(a.visitors)} note={<Link to={`${base}/visitors?account=${encodeURIComponent(a.id)}`}>See them all</Link>} />
        <Tile label="Track Events" value={compact(a.events)} note="in all" />
        <Tile label="Of its visitors, without an account" value={compact(a.visitorsWithout)} tone={a.visitorsWithout > 0 ? 'warn' : undefined} note={a.visitorsWithout > 0 ? `${plural(a.visitorsWithout, 'event')} that should have named it` : 'none'} />
        <Tile label="First seen" value={<span style={{ fontSize: '1rem' }}><Ago at={a.firstSeen} /></span>} />
        <Tile label="Last seen" value={<span style={{ fontSize: '1rem' }}><Ago at={a.lastSeen} /></span>} />
      </div>
      <div className="split">
        <div className="stack">
          <Activity activity={a.activity} />
          <OwnEvents app={app} kind="account" id={a.id} events={a.trackEvents} />
          <Metadata app={app} kind="account" id={a.id} metadata={a.metadata} />
        </div>
        <div className="stack">
          {a.parent !== undefined && (
            <Card title="Parent">
              <Link to={`${base}/accounts/${encodeURIComponent(a.parent)}`}>{a.parent}</Link>
            </Card>
          )}
          <VisitorsOf app={app} account={a.id} />
          <Control app={app} kind="account" id={a.id} row={a} asOf={asOf} />
        </div>
      </div>
      <ShortReceived app={app} query={{ account: a.id }} />
    </div>
  )
}

const shownMax = 10

function VisitorsOf({ app, account }: { app: string; account: string }) {
  const visitors = useOfApp<VisitorRow[]>(app, ['visitors'], () => ({ account, limit: shownMax }), ['of', account])
  const base = appBase(app)
  return (
    <Card title="Visitors" aside={<Link className="small" to={`${base}/visitors?account=${encodeURIComponent(account)}`}>All</Link>} pad={false}>
      <Loaded query={visitors}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="None" />
          ) : (
            <ul className="list">
              {rows.map((v) => (
                <li key={v.id}>
                  <Link className="item small" to={`${base}/visitors/${encodeURIComponent(v.id)}`}>
                    <span className="grow clip">{v.id}</span>
                    <span className="muted tiny">{plural(v.events, 'event')}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}
