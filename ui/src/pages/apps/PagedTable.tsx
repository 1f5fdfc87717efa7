import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

import type { Table } from '../../api/analytics'
import { LongTable, type LongTableProps } from '../../parts/LongTable'
import { Bones, ProblemBox } from '../../parts/states'

interface Props<T> extends Omit<LongTableProps<T>, 'rows' | 'more' | 'loading' | 'onMore' | 'onLook' | 'question' | 'stale' | 'foot'> {
  list: Table<T>
  /** Says how many rows there are. */
  foot: (rows: number) => string
  empty: ReactNode
}

/** A long list of an app as a table; of its rows, those are loaded that are looked at. */
export function PagedTable<T>({ list, foot, empty, ...table }: Props<T>) {
  const { first, rows } = list
  if (first.error !== null && rows.length === 0) return <ProblemBox error={first.error} retry={() => void first.refetch()} />
  if (first.isPending || (first.isPlaceholderData && rows.length === 0)) return <Bones rows={10} />
  if (rows.length === 0) return <div className="card">{empty}</div>
  const said = list.problem === null ? foot(rows.length) : <span role="alert">Some rows did not come: {list.problem.message} <Button size="compact-xs" variant="default" onClick={list.again}>Ask again</Button></span>
  return <LongTable {...table} rows={rows} stale={first.isPlaceholderData} onLook={list.look} question={list.asked} foot={said} />
}
