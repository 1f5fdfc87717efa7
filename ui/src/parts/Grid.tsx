import { type ComponentProps, useLayoutEffect, useRef } from 'react'

import styles from './Grid.module.css'

/** A table of several columns. Where the window is narrow, each row is a block, and each cell of it a line that says what column it is of. */
export function Grid(props: ComponentProps<'table'>) {
  const table = useRef<HTMLTableElement>(null)
  useLayoutEffect(() => {
    const heads = table.current?.tHead?.rows[0]?.cells ?? []
    for (const [i, head] of [...heads].entries()) table.current?.style.setProperty(`--column-${i + 1}`, JSON.stringify(head.querySelector('.sr') === null ? head.textContent : ''))
  })
  return <table {...props} ref={table} className={`grid ${styles.stacks}`} />
}
