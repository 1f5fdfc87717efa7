import { useMemo, useState } from 'react'

import { Copy } from './small'
import styles from './Json.module.css'

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const shownMax = 60_000 // characters that are colored and drawn; the rest can be copied

/** Text of JSON with its parts in colors; what is no JSON stays as it is. */
export function pretty(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? ''
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    return value
  }
}

function colored(text: string) {
  const out: (string | React.ReactElement)[] = []
  let end = 0
  for (const m of text.matchAll(token)) {
    if (m.index > end) out.push(text.slice(end, m.index))
    const kind = m[1] !== undefined ? (m[2] !== undefined ? 'k' : 's') : m[3] !== undefined ? 'b' : 'n'
    out.push(
      <span key={m.index} className={kind}>
        {m[1] ?? m[0]}
      </span>,
    )
    if (m[2] !== undefined) out.push(m[2])
    end = m.index + m[0].length
  }
  out.push(text.slice(end))
  return out
}

/** JSON to be read: colored, bounded in height, with a button that copies all of it. */
export function Json({ value, label, max = 420 }: { value: unknown; label: string; max?: number }) {
  const text = useMemo(() => pretty(value), [value])
  const [all, setAll] = useState(false)
  const shown = all ? text : text.slice(0, shownMax)
  const parts = useMemo(() => colored(shown), [shown])
  return (
    <div className={styles.json}>
      <div className={styles.copy}>
        <Copy value={text} label={`Copy ${label}`} />
      </div>
      <pre className="code json wrapped" style={{ maxHeight: max }} tabIndex={0} role="region" aria-label={label}>
        {parts}
        {shown.length < text.length && (
          <button type="button" className="plain" onClick={() => setAll(true)}>
            … show all {text.length.toLocaleString('en-US')} characters
          </button>
        )}
      </pre>
    </div>
  )
}

/** Text to be read and copied. */
export function Code({ text, label, max = 420, wrap = false }: { text: string; label: string; max?: number; wrap?: boolean }) {
  return (
    <div className={styles.json}>
      <div className={styles.copy}>
        <Copy value={text} label={`Copy ${label}`} />
      </div>
      <pre className={wrap ? 'code wrapped' : 'code'} style={{ maxHeight: max }} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  )
}
