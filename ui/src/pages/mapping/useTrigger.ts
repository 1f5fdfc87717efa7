import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { client, unwrap } from '../../api/client'
import { type Form, isComplete } from './conditions'
import { afterReading, afterWriting, formChanged, standing, textChanged, unread } from './trigger'

const calmMillis = 150 // after the last key

async function ask(body: { text: string } | { form: Form }) {
  return (await unwrap(client.POST('/api/triggers/read', { body: body as never }))).data
}

const asking = { staleTime: Infinity, retry: 1 } // the same text is always the same conditions

function whyUnwritten(complete: boolean, failed: boolean): string {
  if (!complete) return 'A condition is not complete.'
  return failed ? 'The conditions could not be written as a text.' : 'The conditions are being written as a text.'
}

interface Options {
  text: string
  onText: (text: string) => void
  /** Conditions are changed; their text is still to come. */
  onBegin: () => void
  /** Changes when the conditions are rebuilt from the text. */
  round: number
}

/**
 * A trigger as a text and as conditions. Each is changed at once; the other follows by the server's answer to the
 * newest change, and by no other answer.
 */
export function useTrigger({ text, onText, onBegin, round }: Options) {
  const [held, setHeld] = useState({ round, conditions: unread })
  const conditions = held.round === round ? held.conditions : unread
  const put = (next: typeof conditions) => setHeld({ round, conditions: next })
  const [asked] = useDebouncedValue(text, calmMillis)
  const { form } = conditions
  const state = standing(conditions, text)
  const complete = form !== null && isComplete(form)
  const reading = useQuery({ ...asking, queryKey: ['trigger', asked], queryFn: () => ask({ text: asked }) })
  const writing = useQuery({
    ...asking,
    queryKey: ['trigger of', JSON.stringify(form)],
    enabled: state === 'unwritten' && complete,
    queryFn: () => ask({ form: form as Form }),
  })
  const read = asked === text ? reading.data : undefined
  useEffect(() => {
    if (read === undefined || state !== 'unread') return
    put(afterReading(conditions, text, { text: asked, form: (read.form as Form | undefined) ?? null }))
  })
  const written = state === 'unwritten' && complete ? writing.data?.text : undefined
  useEffect(() => {
    if (written === undefined || form === null) return
    put(afterWriting(conditions, { form, text: written }))
    onText(written)
  })
  const readFailed = state === 'unread' && asked === text && read === undefined ? reading.error : null
  const writeFailed = state === 'unwritten' && complete && written === undefined ? writing.error : null
  return {
    form,
    /** What the server says of the text that is shown. */
    read,
    state,
    complete,
    failed: readFailed ?? writeFailed,
    again: () => void (state === 'unread' ? reading : writing).refetch(),
    changeText: (next: string) => {
      put(textChanged(conditions))
      onText(next)
    },
    changeForm: (next: Form) => {
      put(formChanged(conditions, next))
      onBegin()
    },
    /** Why the text is not yet what the conditions say; empty: it is. */
    unwritten: state === 'unwritten' ? whyUnwritten(complete, writeFailed !== null) : '',
  }
}

export type Trigger = ReturnType<typeof useTrigger>
