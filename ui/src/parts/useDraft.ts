import { useLayoutEffect, useMemo, useRef, useState } from 'react'

import { Problem } from '../api/client'
import { useChange } from '../api/workspace'
import {
  afterSave, contested, type Edits, hold, keepMine, loadTheirs, newer, overlay, type Plain, touch, unanswered,
  unsaved,
} from '../lib/draft'

interface Options<R, T> {
  /** What the server has, as far as the page knows; undefined: it is still to be made. */
  saved: R | undefined
  /** What of it the form is about. It is the same for the same thing. */
  members: (saved: R | undefined) => T
  /**
   * Saves what was changed of what was seen, and answers with what the server then has. What is no longer as it was
   * seen is refused, with 412.
   */
  write: (values: T, changes: Partial<T>, seen: R | undefined) => Promise<R>
  /** Asks for what the server has now. */
  read: (seen: R) => Promise<R>
  said?: string | ((saved: R) => string)
  plain?: Plain
}

const triesMax = 4 // of a save, while somebody else keeps changing what the user did not touch

/**
 * A form over what the server has. What the user did not touch follows the server, what the user did stays, whatever
 * answers come and in whichever order; also after a save, for what was changed while it was on its way.
 */
export function useDraft<R extends { revision: number }, T extends object>(options: Options<R, T>) {
  const { saved, members, write, read, said, plain } = options
  const [edits, drawEdits] = useState<Edits<T>>({})
  const [answered, drawAnswered] = useState<R>()
  const [round, setRound] = useState(0)
  const newest = newer(answered, saved)
  const latest = useRef({ edits, newest }) // what is changed next begins here, whichever state was drawn last
  useLayoutEffect(() => {
    latest.current.newest = newer(latest.current.newest, newest)
  })
  const put = (next: Edits<T>) => {
    latest.current.edits = next
    drawEdits(next)
  }
  const take = (answer: R) => {
    latest.current.newest = newer(latest.current.newest, answer)
    drawAnswered(latest.current.newest)
  }
  const there = () => members(latest.current.newest)
  const open = () => unsaved(latest.current.edits, there(), plain)
  const saving = useChange(async () => {
    for (let tries = 1; ; tries++) {
      const seen = latest.current.newest
      const sent = open()
      try {
        const answer = await write(overlay(there(), latest.current.edits), sent, seen)
        take(answer)
        put(afterSave(latest.current.edits, sent, there()))
        return answer
      } catch (problem) {
        if (!isStale(problem)) put(unanswered(latest.current.edits, sent))
        if (seen === undefined || !isStale(problem) || tries === triesMax) throw problem
        take(await read(seen))
        if (contested(latest.current.edits, there(), plain).length > 0) throw problem
      }
    }
  }, said)
  const had = useMemo(() => members(newest), [newest]) // eslint-disable-line react-hooks/exhaustive-deps
  const values = useMemo(() => overlay(had, edits), [had, edits])
  const changed = Object.keys(unsaved(edits, had, plain)).length > 0
  const meanwhile = saving.isPending ? [] : contested(edits, had, plain)
  const reset = (next: Edits<T>) => {
    put(next)
    setRound((n) => n + 1)
    saving.reset()
  }
  return {
    values,
    set: (change: Partial<T> | ((now: T) => Partial<T>)) => {
      const { edits } = latest.current
      put(touch(edits, there(), typeof change === 'function' ? change(overlay(there(), edits)) : change))
    },
    /** The user has begun with a member whose change is still to come. */
    hold: (member: keyof T) => put(hold(latest.current.edits, there(), member)),
    /** Grows when the form no longer shows what was typed: fields are reset. */
    round,
    changed,
    /** What the user and somebody else have changed, each another way. */
    meanwhile,
    discard: () => reset({}),
    keepMine: () => {
      put(keepMine(latest.current.edits, there()))
      saving.reset()
    },
    loadTheirs: () => reset(loadTheirs(latest.current.edits, there(), plain)),
    /** Tells what is saved, and whether that is all: nothing was changed while it was on its way. */
    save: async () => {
      try {
        const saved = await saving.mutateAsync(undefined)
        return { saved, all: Object.keys(open()).length === 0 }
      } catch {
        return { saved: undefined, all: false } // error tells why
      }
    },
    saving: saving.isPending,
    /** Of the last save; where somebody else was faster, meanwhile says it. */
    error: isStale(saving.error) && meanwhile.length > 0 ? null : saving.error,
    canSave: (changed || saving.error !== null) && meanwhile.length === 0,
  }
}

export type Drafted<T extends object> = Omit<ReturnType<typeof useDraft<{ revision: number }, T>>, 'set' | 'hold'>

function isStale(problem: unknown): boolean {
  return problem instanceof Problem && problem.status === 412
}
