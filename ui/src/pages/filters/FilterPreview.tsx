import { IconArrowRight, IconCheck, IconFilter, IconMinus } from '@tabler/icons-react'

import type { Schemas } from '../../api/client'
import { Json } from '../../parts/Json'
import { Bones, ProblemBox } from '../../parts/states'
import styles from '../mapping/Mapping.module.css'
import { takenOut } from './condition'

/** What the filter makes of the test event, while it is changed. */
export function FilterPreview({ preview: p, error, stale }: { preview: (Schemas['FilterPreview'] & { met: boolean }) | undefined; error: unknown; stale: boolean }) {
  if (error !== null && error !== undefined) return <div aria-busy={stale}><ProblemBox error={error} /></div>
  if (p === undefined) return <Bones rows={3} pad={false} />
  const gone = p.result === undefined ? [] : takenOut(p.event, p.result)
  return (
    <div className="stack" aria-busy={stale} style={{ opacity: stale ? 0.6 : 1 }}>
      <div className={styles.match} data-matched={p.met || undefined}>
        <div className="row">
          {p.met ? <IconCheck size={16} aria-hidden /> : <IconMinus size={16} aria-hidden />}
          <strong>{p.met ? 'The condition is met' : 'The condition is not met: the filter leaves this event alone'}</strong>
        </div>
      </div>
      {p.met && p.result === undefined && (
        <div className={styles.warningBox} role="status">
          <div className="row" style={{ color: 'var(--warn)' }}>
            <IconFilter size={16} aria-hidden />
            <strong>It would be dropped: no mapping sees it</strong>
          </div>
        </div>
      )}
      {p.met && p.result !== undefined && (
        <div className={styles.answerOk} role="status">
          <div className="row" style={{ color: 'var(--ok)' }}>
            <IconArrowRight size={16} aria-hidden />
            <strong>{gone.length === 0 ? 'It goes on to the mappings as it is' : 'It goes on to the mappings without'}</strong>
          </div>
          {gone.length > 0 && (
            <div className="row wrap" style={{ marginTop: 6, gap: 4 }}>
              {gone.map((path) => (
                <span key={path} className="tag">{path}</span>
              ))}
            </div>
          )}
        </div>
      )}
      {p.result !== undefined && <Json value={p.result} label="what the mappings see" max={460} />}
    </div>
  )
}
