import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import { Link } from 'react-router'

import type { Schemas } from '../../api/client'
import { compact, share } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Empty } from '../../parts/states'
import type { SeenName } from './schema'

const shownAtOnce = 50

/** The names that events came under, with the properties that were seen. */
export function EventNames({ names, learned, source }: { names: Schemas['EventName'][]; learned: SeenName[]; source: string }) {
  const [open, setOpen] = useState('')
  const [text, setText] = useState('')
  const [all, setAll] = useState(false)
  if (names.length === 0) return <Empty title="No event in this time">Choose a longer time above, or send one.</Empty>
  const found = names.filter((n) => `${n.name} ${n.type}`.toLowerCase().includes(text.toLowerCase()))
  return (
    <>
      {names.length > 8 && (
        <div style={{ padding: '10px 16px 0' }}>
          <Search value={text} onSearch={setText} label="Search event names" size="xs" />
        </div>
      )}
      <div className="scroll-x" tabIndex={0}>
        <Grid>
          <thead>
            <tr>
              <th>Name</th>
              <th className="num">Events</th>
              <th className="num">Users</th>
              <th className="num">groupId</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, all ? undefined : shownAtOnce).map((n) => {
              const id = `${n.type}\n${n.name}`
              const seen = learned.find((l) => l.type === n.type && l.name === n.name)
              return (
                <Fragment key={id}>
                  <tr>
                    <td>
                      <UnstyledButton fz="inherit" className="row" onClick={() => setOpen(open === id ? '' : id)} aria-expanded={open === id} disabled={seen === undefined}>
                        {open === id ? <IconChevronDown size={14} /> : <IconChevronRight size={14} opacity={seen === undefined ? 0.2 : 1} />}
                        <span className="tag">{n.type}</span>
                        <span style={{ fontWeight: 500 }}>{n.name || <span className="muted">no name</span>}</span>
                      </UnstyledButton>
                    </td>
                    <td className="num">{compact(n.events)}</td>
                    <td className="num">{compact(n.users)}</td>
                    <td className="num">{n.type === 'track' && seen ? <Coverage seen={seen} /> : <span className="muted">–</span>}</td>
                    <td className="muted">
                      <Ago at={n.lastSeen} />
                    </td>
                  </tr>
                  {open === id && seen && (
                    <tr>
                      <td colSpan={5} style={{ background: 'var(--sunken)' }}>
                        <Properties seen={seen} />
                        {n.type === 'track' && (
                          <p className="small" style={{ marginTop: 8 }}>
                            <Link to={`/sources/${source}/debugger?event=${encodeURIComponent(n.name)}`}>Show them in the debugger</Link>
                          </p>
                        )}
                      </td>
                    </tr>
                  )}
                </Fragment>
              )
            })}
          </tbody>
        </Grid>
      </div>
      {found.length > shownAtOnce && !all && (
        <UnstyledButton className="item" fz="sm" c="var(--accent)" onClick={() => setAll(true)}>
          Show all {found.length}
        </UnstyledButton>
      )}
    </>
  )
}

function Coverage({ seen }: { seen: SeenName }) {
  const tone = seen.withAccount === seen.events ? 'ok' : 'warn'
  const lacking = seen.events - seen.withAccount
  return (
    <Pill tone={tone} title={lacking === 0 ? 'Every one has a groupId: it will have an Account ID' : `${lacking} of ${seen.events} have no groupId that Pendo looks at${seen.contextOnly > 0 ? `; ${seen.contextOnly} have it only in context: move it into properties` : ''}`}>
      {share(seen.withAccount, seen.events)}
    </Pill>
  )
}

function Properties({ seen }: { seen: SeenName }) {
  if (seen.properties.length === 0) return <span className="muted small">It came without {seen.type === 'identify' || seen.type === 'group' ? 'traits' : 'properties'}.</span>
  return (
    <table className="grid">
      <tbody>
        {seen.properties.map((p) => (
          <tr key={p.key}>
            <td className="mono">{p.key}</td>
            <td>
              {p.types.map((t) => (
                <span key={t} className="tag" style={{ marginRight: 4 }}>
                  {t}
                </span>
              ))}
            </td>
            <td className="num muted">{share(p.events, seen.events)}</td>
            <td className="mono muted clip">{p.example}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
