import { Link, useParams } from 'react-router'

import { useOfApp, type VisitorDetail } from '../../api/analytics'
import { Problem } from '../../api/client'
import { compact } from '../../lib/format'
import { Ago, Card, Copy, Pill, Tile } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { appBase, AppPage } from './AppPage'
import { Activity, Control, Metadata, OwnEvents } from './PersonParts'
import { ShortReceived } from './ShortReceived'
import { Flags, FrequencyPill } from './Visitors'

/** One visitor of an app. */
export function VisitorPage() {
  const { app = '', visitor: id = '' } = useParams()
  const visitor = useOfApp<VisitorDetail>(app, ['visitors', id])
  const v = visitor.data
  return (
    <AppPage active="visitors" below={{ title: id, badge: <><Copy value={id} label="Copy the Visitor ID" />{v && <>{v.anonymous && <Pill tone="idle">anonymous</Pill>}<Flags row={v} /></>}</> }}>
      {() =>
        visitor.error instanceof Problem && visitor.error.status === 404 && v === undefined ? (
          <div className="card">
            <Empty title="There is no such visitor" action={<Link to={`${appBase(app)}/visitors`}>See the visitors</Link>}>
              Nothing that named it was received, or it was erased. Ids are compared as they are written: 42 and 042 are two visitors.
            </Empty>
          </div>
        ) : (
          <Loaded query={visitor}>
            {(found) => <Content key={id} app={app} v={found} asOf={visitor.dataUpdatedAt} />}
          </Loaded>
        )
      }
    </AppPage>
  )
}

function Content({ app, v, asOf }: { app: string; v: VisitorDetail; asOf: number }) {
  const base = appBase(app)
  return (
    <div className="stack">
      {v.mergedInto !== undefined && (
        <p className="small text">
          This anonymous id belongs to <Link to={`${base}/visitors/${encodeURIComponent(v.mergedInto)}`}>{v.mergedInto}</Link>, who identified later.
        </p>
      )}
      <div className="tiles">
        <Tile label="Track Events" value={compact(v.events)} note="in all" />
        <Tile label="Active days" value={v.activeDays} note="of the last 30" />
        <Tile label="Frequency" value={<FrequencyPill frequency={v.frequency} />} />
        <Tile label="First seen" value={<span style={{ fontSize: '1rem' }}><Ago at={v.firstSeen} /></span>} />
        <Tile label="Last seen" value={<span style={{ fontSize: '1rem' }}><Ago at={v.lastSeen} /></span>} />
      </div>
      <div className="split">
        <div className="stack">
          <Activity activity={v.activity} />
          <OwnEvents app={app} kind="visitor" id={v.id} events={v.trackEvents} />
          <Metadata app={app} kind="visitor" id={v.id} metadata={v.metadata} />
        </div>
        <div className="stack">
          <AccountsOf app={app} v={v} />
          {v.aliases.length > 0 && <Aliases v={v} />}
          <Control app={app} kind="visitor" id={v.id} row={v} asOf={asOf} />
        </div>
      </div>
      <ShortReceived app={app} query={{ visitor: v.id }} />
    </div>
  )
}

function AccountsOf({ app, v }: { app: string; v: VisitorDetail }) {
  return (
    <Card title="Accounts" pad={false}>
      {v.accounts.length === 0 ? (
        <Empty title="None">No call of this visitor named an account.</Empty>
      ) : (
        <ul className="list">
          {v.accounts.map((id) => (
            <li key={id}>
              <Link className="item small" to={`${appBase(app)}/accounts/${encodeURIComponent(id)}`}>
                <span className="grow clip">{id}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Aliases({ v }: { v: VisitorDetail }) {
  return (
    <Card title="Merged anonymous ids" pad={false}>
      <ul className="list">
        {v.aliases.map((a) => (
          <li key={a.id} className="item small">
            <code className="grow clip" title={a.id}>{a.id}</code>
            <Ago at={a.at} />
          </li>
        ))}
      </ul>
    </Card>
  )
}
