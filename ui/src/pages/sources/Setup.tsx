import { Tabs } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams } from 'react-router'

import { useSource } from '../../api/workspace'
import { Code } from '../../parts/Json'
import { Page } from '../../parts/Page'
import { Card, CopyField, OnOff, Pill } from '../../parts/small'
import { Loaded } from '../../parts/states'
import { useTail } from '../debugger/useTail'
import { kindOf } from './kinds'
import { snippets } from './snippets'
import { SourceTabs } from './SourceTabs'

/** Calls that can be pasted, and whether something came of them. */
export function Setup() {
  const { source: slug = '' } = useParams()
  const source = useSource(slug)
  return (
    <Page title={source.data?.name ?? slug} crumbs={[{ label: 'Sources', to: '/sources' }]} badge={source.data && <OnOff on={source.data.enabled} />} tabs={<SourceTabs source={slug} active="setup" />}>
      <Loaded query={source}>{(s) => <Ready writeKey={s.writeKeys[0] ?? ''} type={s.type} slug={slug} />}</Loaded>
    </Page>
  )
}

function Ready({ writeKey, type, slug }: { writeKey: string; type: string; slug: string }) {
  const all = snippets(writeKey, window.location.origin)
  const [tab, setTab] = useState<string | null>(kindOf(type).first)
  return (
    <div className="split">
      <Card title="Send a first event">
        <div className="stack">
          <p className="muted small">The write key and the address of this server are filled in: paste, and run.</p>
          <Tabs value={tab} onChange={setTab}>
            <Tabs.List>
              {all.map((s) => (
                <Tabs.Tab key={s.id} value={s.id}>
                  {s.label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {all.map((s) => (
              <Tabs.Panel key={s.id} value={s.id} pt="sm">
                <p className="muted small" style={{ marginBottom: 8 }}>
                  {s.hint}
                </p>
                <Code text={s.code} label={`${s.label} snippet`} max={560} />
              </Tabs.Panel>
            ))}
          </Tabs>
        </div>
      </Card>
      <div className="stack">
        <Card title="For any SDK">
          <dl className="facts">
            <dt>Write key</dt>
            <dd>
              <CopyField value={writeKey} label="Copy write key" />
            </dd>
            <dt>Host</dt>
            <dd>
              <CopyField value={window.location.origin} label="Copy host" />
            </dd>
          </dl>
        </Card>
        <FirstEvents slug={slug} />
      </div>
    </div>
  )
}

function FirstEvents({ slug }: { slug: string }) {
  const [query] = useState({ source: slug, last: '5' })
  const tail = useTail(query)
  const entries = tail.buffer.view(tail.buffer.total, () => true).slice(0, 5)
  const good = entries.filter((e) => e.kind === 'event')
  return (
    <Card title="What came in" aside={<Pill tone={good.length > 0 ? 'ok' : 'idle'} dot>{good.length > 0 ? 'receiving' : 'waiting'}</Pill>} pad={false}>
      {entries.length === 0 ? (
        <p className="muted small" style={{ padding: 16 }}>
          <IconPlayerPlay size={13} aria-hidden /> Waiting for the first event. It appears here by itself.
        </p>
      ) : (
        <ul className="list">
          {entries.map((e) => (
            <li key={e.position}>
              <Link className="item" to={`/sources/${slug}/debugger?at=${e.position}`}>
                <span className="tag">{e.type}</span>
                <span className="clip grow" style={{ color: e.kind === 'rejected' ? 'var(--bad)' : undefined }}>{e.name}</span>
                <span className="muted tiny">{e.user}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
