import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'

import { ago, fullTime } from '../lib/format'
import styles from './small.module.css'

export type Tone = 'ok' | 'warn' | 'bad' | 'idle' | 'accent'

/** A state in a word, with its color. */
export function Pill({ tone, dot = false, children, title }: { tone: Tone; dot?: boolean; children: ReactNode; title?: string }) {
  const pill = (
    <span className={`pill ${tone}`}>
      {dot && <span className="dot" aria-hidden />}
      {children}
    </span>
  )
  return title === undefined ? pill : <Tooltip label={title}>{pill}</Tooltip>
}

const tones: Record<string, Tone> = {
  delivered: 'ok', filtered: 'idle', duplicate: 'idle', 'not owed': 'idle', pending: 'accent', retrying: 'warn', parked: 'warn', discarded: 'bad', lost: 'bad', rejected: 'bad',
}

/** The tone of what became of an event. */
export function toneOf(state: string): Tone {
  return tones[state] ?? 'idle'
}

export function StatePill({ state }: { state: string }) {
  return (
    <Pill tone={toneOf(state)} dot>
      {state}
    </Pill>
  )
}

/** A sentence of the server's, with what stands between backticks set as code. */
export function Ticked({ text }: { text: string }) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))
}

export function OnOff({ on, labels = ['On', 'Off'] }: { on: boolean; labels?: [string, string] }) {
  return (
    <Pill tone={on ? 'ok' : 'idle'} dot>
      {on ? labels[0] : labels[1]}
    </Pill>
  )
}

export function Copy({ value, label = 'Copy' }: { value: string; label?: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** A value that people take with them. */
export function CopyField({ value, label }: { value: string; label: string }) {
  return (
    <span className={styles.copyField}>
      <code className="clip" title={value}>
        {value}
      </code>
      <Copy value={value} label={label} />
    </span>
  )
}

/** The present, anew every so often. */
export function useNow(everyMillis = 5000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMillis)
    return () => clearInterval(timer)
  }, [everyMillis])
  return now
}

export function Ago({ at }: { at: string | number | undefined }) {
  const now = useNow()
  if (at === undefined || at === '' || new Date(at).getTime() <= 0 || String(at).startsWith('0001-')) return <span className="muted">never</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)} className={styles.ago}>
      {ago(at, now)}
    </time>
  )
}

export function Tile({ label, value, note, tone }: { label: string; value: ReactNode; note?: ReactNode; tone?: Tone }) {
  return (
    <div className="tile">
      <div className="label">{label}</div>
      <div className="value" style={tone === undefined ? undefined : { color: `var(--${tone})` }}>
        {value}
      </div>
      <div className="note">{note}</div>
    </div>
  )
}

export function Card({ title, aside, children, pad = true, label }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; pad?: boolean; label?: string }) {
  return (
    <section className="card" aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      {title !== undefined && (
        <div className="head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {pad ? <div className="body">{children}</div> : children}
    </section>
  )
}
