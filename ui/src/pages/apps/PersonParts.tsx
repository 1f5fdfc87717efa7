import { Modal, Switch } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'

import { type HistoryRow, useOfApp, type VisitorDetail, writeToApp } from '../../api/analytics'
import { useChange } from '../../api/workspace'
import { fillSteps } from '../../lib/chart'
import { dayTitle } from '../../lib/days'
import { compact, fullTime, plural } from '../../lib/format'
import { Confirm } from '../../parts/Confirm'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card } from '../../parts/small'
import { Bones, Empty, Loaded } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useGo } from '../../parts/useGo'
import { useCanChange, useIsOwner } from '../../shell/useSession'
import styles from './apps.module.css'
import { appBase } from './AppPage'

export type Kind = 'visitor' | 'account'

interface Whose {
  app: string
  kind: Kind
  id: string
}

const sources: Record<string, string> = { segmentio: 'Segment', agent: 'the agent', track: 'Track Events', api: 'the API' }
const shownChars = 400 // of a value, before it is cut

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > shownChars ? `${text.slice(0, shownChars)}…` : text
}

const moments = ['firstvisit', 'lastvisit'] // of the group auto, in ms

/** A value of a field: a moment as a time, with the number that it is. */
function Value({ group, field, value }: { group: string; field: string; value: unknown }) {
  if (group === 'auto' && moments.includes(field) && typeof value === 'number') return <span title={String(value)}>{fullTime(value)}</span>
  return <>{shown(value)}</>
}

/** Metadata by group, each value with where it came from and when; a field opens its history. */
export function Metadata({ app, kind, id, metadata }: Whose & { metadata: VisitorDetail['metadata'] }) {
  const [open, setOpen] = useState<{ group: string; field: string }>()
  const groups = Object.entries(metadata).map(([group, fields]) => ({ group, fields: fields ?? [] })).filter((g) => g.fields.length > 0)
  return (
    <Card title="Metadata" aside={<span className="muted tiny">a field opens its history</span>} pad={false}>
      {groups.length === 0 ? (
        <Empty title="None came">{kind === 'visitor' ? 'Traits of Segment identify calls, and what the agent is given, appear here.' : 'Traits of Segment group calls, and what the agent is given, appear here.'}</Empty>
      ) : (
        groups.map(({ group, fields }) => (
          <section key={group} aria-label={group}>
            <h3 className={styles.group}>{group}</h3>
            <div className="scroll-x" tabIndex={0}>
              <table className="grid">
                <tbody>
                  {fields.map((f) => (
                    <tr key={f.field}>
                      <td style={{ width: '28%' }}>
                        <button type="button" className="plain" style={{ color: 'var(--accent)' }} onClick={() => setOpen({ group, field: f.field })}>
                          {f.field}
                        </button>
                        {f.names && f.names.length > 0 && <span className="muted tiny"> also as {f.names.join(', ')}</span>}
                      </td>
                      <td><Value group={group} field={f.field} value={f.value} /></td>
                      <td className="muted tiny" style={{ width: '26%' }}>
                        {sources[f.source] ?? f.source}, <Ago at={f.at} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        ))
      )}
      <Modal opened={open !== undefined} onClose={() => setOpen(undefined)} title={open && `${open.group}.${open.field}`} size="lg" centered>
        {open && <History key={`${open.group}.${open.field}`} app={app} kind={kind} id={id} {...open} />}
      </Modal>
    </Card>
  )
}

function History({ app, kind, id, group, field }: Whose & { group: string; field: string }) {
  const history = useOfApp<HistoryRow[]>(app, [`${kind}s`, id, 'history'], () => ({ group, field }), [group, field])
  return (
    <Loaded query={history} bones={<Bones rows={3} pad={false} />}>
      {(rows) => (
        <table className="grid">
          <thead>
            <tr><th>Value</th><th>From</th><th>Since</th></tr>
          </thead>
          <tbody>
            {rows.map((h, i) => (
              <tr key={i}>
                <td>{shown(h.value)}</td>
                <td className="muted">{sources[h.source] ?? h.source}</td>
                <td className="muted">{fullTime(h.at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  )
}

const activityDays = 90
const dayMillis = 86_400_000

/** What somebody did, day by day. */
export function Activity({ activity }: { activity: VisitorDetail['activity'] }) {
  const days = activity.filter((d) => d.events + d.calls > 0)
  const newest = days.at(-1)
  const until = (Math.floor(Date.now() / dayMillis) + 1) * dayMillis
  const points = days.map((d) => ({ at: new Date(d.day).toISOString(), events: d.events, others: Math.max(0, d.calls - d.events) }))
  const rows = fillSteps(points, until - activityDays * dayMillis, until, dayMillis / 1000, ['events', 'others'], (p) => [['events', p.events], ['others', p.others]])
  return (
    <Card title="Activity" aside={<span className="muted tiny">{days.length === 0 ? 'none' : `active on ${plural(days.length, 'day')} of the last ${activityDays}, last on ${dayTitle(newest?.day ?? 0)}`}</span>}>
      {days.length === 0 ? <Empty title={`Nothing in the last ${activityDays} days`} /> : <LazyChart label="Activity by day" rows={rows} series={[{ name: 'events', label: 'Track Events', color: 'water.6' }, { name: 'others', label: 'Other calls', color: 'gray.4' }]} rangeMillis={activityDays * dayMillis} days height={190} />}
    </Card>
  )
}

/** The Track Events of somebody. */
export function OwnEvents({ app, kind, id, events }: Whose & { events: VisitorDetail['trackEvents'] }) {
  const base = appBase(app)
  return (
    <Card title="Track Events" pad={false}>
      {events.length === 0 ? (
        <Empty title="None yet" />
      ) : (
        <div className="scroll-x" tabIndex={0}>
          <table className="grid">
            <thead>
              <tr><th>Name</th><th className="num">Events</th><th>Last</th><th><span className="sr">Raw events</span></th></tr>
            </thead>
            <tbody>
              {events.map((e) => (
                <tr key={e.name}>
                  <td><Link to={`${base}/events/${encodeURIComponent(e.name)}`}>{e.name}</Link></td>
                  <td className="num">{compact(e.events)}</td>
                  <td><Ago at={e.lastSeen} /></td>
                  <td className="num"><Link className="tiny" to={`${base}/received?event=${encodeURIComponent(e.name)}&${kind}=${encodeURIComponent(id)}`}>raw</Link></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  )
}

interface ControlProps extends Whose {
  row: { excluded: boolean; doNotProcess: boolean }
  /** When the row was answered. */
  asOf: number
}

/** What can be done about somebody: leave out, process no more, erase. */
export function Control({ app, kind, id, row, asOf }: ControlProps) {
  const can = useCanChange()
  const owner = useIsOwner()
  const go = useGo()
  const set = useChange((flags: { excluded?: boolean; doNotProcess?: boolean }) => writeToApp(app, [`${kind}s`, id, 'flags'], 'PUT', flags), 'Saved')
  const save = (flags: Parameters<typeof set.mutateAsync>[0]) => set.mutateAsync(flags).then(() => Date.now())
  const excluded = useChoice({ value: row.excluded, version: asOf }, (excluded) => save({ excluded }))
  const doNotProcess = useChoice({ value: row.doNotProcess, version: asOf }, (doNotProcess) => save({ doNotProcess }))
  const erase = useChange(() => writeToApp(app, ['erasures'], 'POST', { [`${kind}s`]: [id] }), `The ${kind} is being erased`)
  return (
    <Card title="Control">
      <div className="stack">
        <Switch
          checked={excluded.value}
          disabled={!can}
          onChange={(e) => excluded.choose(e.currentTarget.checked)}
          label="Exclude"
          description={`What this ${kind} does is kept, and left out of every count and list of events, those of before too.`}
        />
        <Switch
          checked={doNotProcess.value}
          disabled={!can}
          onChange={(e) => doNotProcess.choose(e.currentTarget.checked)}
          label="Do not process"
          description={`What comes for this ${kind} from now on is not counted, and the agent is told to stop.`}
        />
        <div>
          <Confirm
            label="Erase"
            title={`Erase ${id}?`}
            typed={id}
            disabled={!owner}
            icon={<IconTrash size={14} />}
            action={async () => { await erase.mutateAsync(undefined); go(`${appBase(app)}/${kind}s`) }}
          >
            Everything that this app received of the {kind} is taken out of the log and of all that is made of it. It shows nowhere from then on. This cannot be undone; what was delivered elsewhere stays there.
          </Confirm>
          {!owner && <p className="muted tiny" style={{ marginTop: 6 }}>{can ? 'Only an owner may erase.' : 'Your role may look, and not change anything.'}</p>}
        </div>
      </div>
    </Card>
  )
}
