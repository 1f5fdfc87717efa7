import { type ReactNode, useMemo } from 'react'

import type { List } from '../../api/analytics'
import { count } from '../../lib/format'
import { LongTable, type LongTableProps } from '../../parts/LongTable'
import { Bones, ProblemBox } from '../../parts/states'

interface Props<T> extends Omit<LongTableProps<T>, 'rows' | 'more' | 'loading' | 'onMore' | 'foot'> {
  list: List<T>
  /** Says how many rows there are. */
  foot: (rows: number) => string
  empty: ReactNode
}

/** A long list of an app as a table; it is loaded as far as it is scrolled. */
export function PagedTable<T>({ list, foot, empty, ...table }: Props<T>) {
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data])
  const total = list.data?.pages[0]?.total
  if (list.error !== null && rows.length === 0) return <ProblemBox error={list.error} retry={() => void list.refetch()} />
  if (list.isPending) return <Bones rows={10} />
  if (rows.length === 0) return <div className="card">{empty}</div>
  const said = total !== undefined && total > rows.length ? `${count(rows.length)} of ${foot(total)}; scroll for more` : list.hasNextPage ? `${count(rows.length)} so far; scroll for more` : foot(rows.length)
  return <LongTable {...table} rows={rows} stale={list.isPlaceholderData} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} foot={said} />
}
