import { describe, expect, it } from 'vitest'

import type { Form } from './conditions'
import { afterReading, afterWriting, formChanged, standing, textChanged, unread } from './trigger'

const form = (value: string): Form => ({
  join: 'and',
  groups: [{ join: 'and', conditions: [{ field: 'event', operator: '=', value }] }],
})
const a = form('A')
const b = form('B')
const readA = afterReading(unread, 'event = "A"', { text: 'event = "A"', form: a })

describe('text and conditions of a trigger', () => {
  it('agree once the text is read', () => {
    expect([standing(unread, 'event = "A"'), standing(readA, 'event = "A"')]).toEqual(['unread', 'agreed'])
    expect(readA.form).toBe(a)
  })
  it('are not agreed by the reading of an older text', () => {
    expect(afterReading(readA, 'event = "B"', { text: 'event = "A', form: null })).toBe(readA)
    expect(standing(readA, 'event = "B"')).toBe('unread')
  })
  it('stay as they are when conditions were changed while a text was read', () => {
    const changed = formChanged(readA, b)
    expect(afterReading(changed, 'event = "A" ', { text: 'event = "A" ', form: a })).toBe(changed)
    expect(standing(changed, 'event = "A" ')).toBe('unwritten')
  })
  it('agree once the newest conditions are written, and by no older writing', () => {
    const twice = formChanged(formChanged(readA, a), b)
    expect(afterWriting(twice, { form: a, text: 'event = "A"' })).toBe(twice)
    const written = afterWriting(twice, { form: b, text: 'event = "B"' })
    expect([standing(written, 'event = "B"'), written.form]).toEqual(['agreed', b])
  })
  it('follow the text when it is changed over conditions that were not written', () => {
    const typed = textChanged(formChanged(readA, b))
    expect(standing(typed, 'event = "A"')).toBe('unread') // also when it is typed back: the conditions are others
    expect(afterWriting(typed, { form: b, text: 'event = "B"' })).toBe(typed)
  })
})
