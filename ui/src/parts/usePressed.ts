import { useState } from 'react'

/** A press ends with one of these, wherever the pointer is by then. */
const ends = ['pointerup', 'pointercancel', 'blur'] as const

/**
 * Rows that stand still while one of them is pressed. A browser clicks what the pointer was pressed and released on, so
 * a row that moves away in between, since an answer arrived, is not clicked. The handler is for what holds the rows.
 */
export function usePressed<R>(rows: R) {
  const [pressed, setPressed] = useState<{ rows: R }>()
  const drawn = pressed === undefined ? rows : pressed.rows
  const onPointerDown = () => {
    setPressed({ rows: drawn })
    const end = () => {
      for (const type of ends) window.removeEventListener(type, end)
      window.setTimeout(() => setPressed(undefined)) // the click comes after the end of the press
    }
    for (const type of ends) window.addEventListener(type, end)
  }
  return { rows: drawn, onPointerDown }
}
