import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link } from 'react-router'

import { count } from '../lib/format'
import type { Rows } from '../lib/rows'

import styles from './LongTable.module.css'
import { usePressed } from './usePressed'

export interface Column<T> {
  id: string
  label: string
  /** A track of a grid: minmax(0, 2fr), 90px. */
  width: string
  cell: (row: T) => ReactNode
  /** The field to sort by; absent: it cannot be sorted by. */
  sort?: string
  /** Numbers stand at the right. */
  num?: boolean
  /** Left out where the window is narrow. */
  wide?: boolean
}

export interface LongTableProps<T> {
  label: string
  columns: Column<T>[]
  /** Those that are not here are drawn as bones. */
  rows: Rows<T>
  idOf: (row: T) => string
  /** Where a row leads. */
  to?: (row: T) => string
  /** What a row opens on this page. */
  onOpen?: (row: T) => void
  opened?: string
  sort?: string
  onSort?: (sort: string) => void
  more?: boolean
  loading?: boolean
  onMore?: () => void
  foot: ReactNode
  /** The rows are those of a question before; the answer to this one is on its way. */
  stale?: boolean
  rowHeight?: number
  onScrolled?: (atTop: boolean) => void
  /** The rows from one number to another are looked at. */
  onLook?: (from: number, to: number) => void
  /** Names the question that the rows answer: another one is looked at from its top. */
  question?: string
}

const ahead = 40 // rows before the end at which more are asked for
const drawnMax = 400_000 // rows: browsers cannot draw what is much higher
const calmMillis = 100 // rows that are passed faster are not looked at

/** A table that may have any number of rows: it draws those that are seen, and asks for more as it is scrolled. */
export function LongTable<T>(props: LongTableProps<T>) {
  const { label, columns, idOf, more = false, loading = false, onMore, onLook, onScrolled, foot } = props
  const { question = '', rowHeight = 38 } = props
  const { rows, onPointerDown } = usePressed(props.rows)
  const parent = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: Math.min(rows.length, drawnMax), getScrollElement: () => parent.current, estimateSize: () => rowHeight, overscan: 10 })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (onLook === undefined) return
    const calm = window.setTimeout(() => onLook(first, last), calmMillis)
    return () => window.clearTimeout(calm)
  }, [onLook, first, last])
  useEffect(() => {
    void parent.current?.scrollTo({ top: 0 }) // a promise, in newer browsers
  }, [question])
  useEffect(() => {
    if (more && !loading && last >= rows.length - ahead) onMore?.()
  }, [more, loading, last, rows.length, onMore])
  const tracks = { '--wide': columns.map((c) => c.width).join(' '), '--narrow': columns.filter((c) => c.wide !== true).map((c) => c.width).join(' ') } as React.CSSProperties
  const said = loading ? 'Loading more…' : props.stale === true ? 'Loading…' : foot
  return (
    <div className={styles.table} style={tracks} role="table" aria-label={label} aria-rowcount={more ? -1 : rows.length + 1} aria-busy={props.stale === true}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.head}`}>
          {columns.map((c) => (
            <Head key={c.id} column={c} sort={props.sort} onSort={props.onSort} />
          ))}
        </div>
      </div>
      <div ref={parent} className={styles.scroll} role="rowgroup" tabIndex={0} aria-label={`${label}, rows`} onScroll={(e) => onScrolled?.(e.currentTarget.scrollTop < rowHeight)}>
        <div
          role="presentation"
          style={{ height: virtual.getTotalSize(), position: 'relative' }}
          onPointerDown={onPointerDown}
        >
          {items.map((item) => {
            const row = rows.at(item.index)
            const place = { index: item.index, start: item.start, height: rowHeight }
            return row === undefined ? <Bone key={item.index} {...place} /> : <Row key={onLook === undefined ? idOf(row) : item.index} {...props} {...place} row={row} />
          })}
        </div>
      </div>
      <div className={styles.foot}>
        {said}{rows.length > drawnMax && `; ${count(drawnMax)} of them are listed, and a search finds the others`}
      </div>
    </div>
  )
}

/** A row that is on its way. */
function Bone({ index, start, height }: { index: number; start: number; height: number }) {
  return (
    <div role="row" aria-rowindex={index + 2} aria-busy="true" className={`${styles.row} ${styles.body}`} style={{ transform: `translateY(${start}px)`, height }}>
      <div role="cell" className={styles.cell}>
        <div className="bone" style={{ height: 12, width: `${80 - ((index * 17) % 40)}%` }} />
      </div>
    </div>
  )
}

function Row<T>({ row, index, start, height, columns, idOf, to, onOpen, opened }: Pick<LongTableProps<T>, 'columns' | 'idOf' | 'to' | 'onOpen' | 'opened'> & { row: T; index: number; start: number; height: number }) {
  const act = to !== undefined || onOpen !== undefined
  return (
    <div role="row" aria-rowindex={index + 2} className={`${styles.row} ${styles.body}`} data-act={act || undefined} data-opened={opened === idOf(row) || undefined} style={{ transform: `translateY(${start}px)`, height }}>
      {columns.map((c, i) => (
        <div key={c.id} role="cell" className={cellClass(c)}>
          {i > 0 || !act ? (
            c.cell(row)
          ) : to !== undefined ? (
            <Link className={styles.lead} to={to(row)}>
              {c.cell(row)}
            </Link>
          ) : (
            <button type="button" className={`plain ${styles.lead}`} onClick={() => onOpen?.(row)}>
              {c.cell(row)}
            </button>
          )}
        </div>
      ))}
    </div>
  )
}

function cellClass<T>(c: Column<T>): string {
  return [styles.cell, c.num === true && styles.num, c.wide === true && styles.wide].filter(Boolean).join(' ')
}

function Head<T>({ column: c, sort = '', onSort }: { column: Column<T>; sort: string | undefined; onSort: ((sort: string) => void) | undefined }) {
  if (c.sort === undefined || onSort === undefined) {
    return (
      <div role="columnheader" className={cellClass(c)}>
        {c.label}
      </div>
    )
  }
  const down = sort === `-${c.sort}`
  const up = sort === c.sort
  return (
    <div role="columnheader" className={cellClass(c)} aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button type="button" className={`plain ${styles.sort}`} data-on={down || up || undefined} onClick={() => onSort(down ? c.sort ?? '' : `-${c.sort}`)}>
        <span className="clip">{c.label}</span>
        {up ? <IconChevronUp size={12} aria-hidden /> : <IconChevronDown size={12} aria-hidden style={down ? undefined : { opacity: 0 }} />}
      </button>
    </div>
  )
}
