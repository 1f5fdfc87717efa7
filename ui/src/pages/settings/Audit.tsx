import { Button, Select } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { IconHistory } from '@tabler/icons-react'
import { useState } from 'react'

import { client, type Schemas, unwrap } from '../../api/client'
import { fullTime } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Json } from '../../parts/Json'
import { Pill, type Tone } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import styles from './Settings.module.css'
import { SettingsFrame } from './SettingsFrame'

const defaults = { action: '', kind: '' }
const tones: Record<string, Tone> = { create: 'ok', update: 'accent', delete: 'bad', 'sign-in-failed': 'warn' }

/** Who changed what, and when. */
export function Audit() {
  const [state, set] = useUrlState(defaults)
  const [open, setOpen] = useState('')
  const list = useInfiniteQuery({
    queryKey: ['audit', state],
    initialPageParam: '',
    queryFn: ({ pageParam }) => unwrap(client.GET('/api/audit', { params: { query: { limit: 100, ...(state.action && { action: state.action }), ...(state.kind && { kind: state.kind }), ...(pageParam && { before: pageParam }) } as never } })),
    getNextPageParam: (last: Schemas['AuditOutputBody']) => last.next,
  })
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  return (
    <SettingsFrame active="audit">
      <div className="stack">
        <div className="row wrap">
          <Select aria-label="Action" placeholder="Any action" clearable w={160} data={['create', 'update', 'delete', 'sign-in', 'sign-in-failed', 'sign-out', 'rotate']} value={state.action || null} onChange={(v) => set({ action: v ?? '' })} />
          <Select aria-label="Kind" placeholder="Any kind" clearable w={160} data={['source', 'destination', 'mapping', 'filter', 'app', 'user', 'token', 'session', 'secrets']} value={state.kind || null} onChange={(v) => set({ kind: v ?? '' })} />
        </div>
        {list.error !== null && rows.length === 0 ? <ProblemBox error={list.error} retry={() => void list.refetch()} /> : (
          <div className="card" style={{ overflow: 'hidden' }}>
            {list.isPending ? <Bones rows={8} /> : rows.length === 0 ? <Empty icon={<IconHistory size={28} stroke={1.4} />} title="Nothing matches">Every change, and every sign-in, leaves a line here.</Empty> : rows.map((e) => (
              <div key={e.position}>
                <button type="button" className={`plain ${styles.audit}`} aria-expanded={open === e.position} onClick={() => setOpen(open === e.position ? '' : e.position)}>
                  <span className="muted tiny">{fullTime(e.at)}</span>
                  <span><Pill tone={tones[e.action] ?? 'idle'}>{e.action}</Pill></span>
                  <span className="clip"><span className="muted">{e.kind}</span> <strong>{e.name ?? e.id ?? ''}</strong></span>
                  <span className="clip">{e.actor?.name ?? 'the system'}</span>
                  <span className="clip muted tiny">{e.address}</span>
                </button>
                {open === e.position && (
                  <div className={styles.change}>
                    {e.detail !== undefined && <p className="small">{e.detail}</p>}
                    <div className="halves">
                      <div><p className="muted tiny">Before</p><Json value={e.before ?? null} label="before" max={300} /></div>
                      <div><p className="muted tiny">After</p><Json value={e.after ?? null} label="after" max={300} /></div>
                    </div>
                  </div>
                )}
              </div>
            ))}
          </div>
        )}
        {list.hasNextPage && <div><Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>Show more</Button></div>}
      </div>
    </SettingsFrame>
  )
}
