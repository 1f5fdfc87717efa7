import { Link } from 'react-router'

import { timeOfDay } from '../../lib/format'
import { Card, Pill } from '../../parts/small'
import { Empty } from '../../parts/states'
import { useTail } from '../debugger/useTail'
import styles from './Overview.module.css'

const shown = 10
const query = { last: String(shown) }

/** The events that came in last, whichever source they came by. */
export function LastEvents({ empty }: { empty: boolean }) {
  const tail = useTail(query)
  const entries = tail.buffer.view(tail.buffer.total, () => true).slice(0, shown)
  return (
    <Card title="Last events" aside={<Pill tone={tail.state.state === 'live' ? 'ok' : 'idle'} dot>{tail.state.state}</Pill>} pad={false}>
      <div className={styles.events}>
        {entries.length === 0 && tail.state.state === 'live' && (
          <Empty title="No event came in yet">{empty ? 'Create a source first; its page has a call that you can paste.' : 'The page of a source has calls that you can paste; what they send appears here at once.'}</Empty>
        )}
        {entries.map((e) => (
          <Link key={e.position} className={styles.event} to={e.kind === 'event' ? `/where?id=${encodeURIComponent(e.messageId)}` : `/sources/${e.source}/debugger?show=rejected`}>
            <span className={styles.time}>{timeOfDay(e.receivedAt).slice(0, 8)}</span>
            <span className="tag">{e.type}</span>
            <span className="clip" style={{ fontWeight: 500, color: e.kind === 'rejected' ? 'var(--bad)' : undefined }}>{e.name || <span className="muted">{e.type} · {e.source}</span>}</span>
            <span className="clip muted">{e.user}</span>
          </Link>
        ))}
      </div>
    </Card>
  )
}
