import { type ComponentProps, useLayoutEffect, useRef } from 'react'

import styles from './Grid.module.css'

/** A table of several columns. Where the window is narrow, each row is a block, and each cell of it a line that says what column it is of. */
export function Grid(props: ComponentProps<'table'>) {
  const table = useRef<HTMLTableElement>(null)
  useLayoutEffect(() => {
    const style = table.current?.style
    for (const [i, head] of [...(table.current?.tHead?.rows[0]?.cells ?? [])].entries()) {
      const shown = head.querySelector('.sr') === null
      style?.setProperty(`--column-${i + 1}`, JSON.stringify(shown ? head.textContent : ''))
      if (!shown) style?.setProperty(`--begins-${i + 1}`, '0px')
    }
  })
  return <table {...props} ref={table} className={`grid ${styles.stacks}`} />
}
