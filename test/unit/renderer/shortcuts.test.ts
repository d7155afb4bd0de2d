import { describe, expect, it } from 'vitest'
import { type KeyPress, keyOf, matchKeys, type Shortcut } from '../../../renderer/ui/key-sequence.ts'

const shortcut = (id: string, ...keys: string[]): Shortcut => ({
  id,
  keys,
  label: id,
  group: 'g',
  run: () => undefined,
})
const press = (key: string, held: Partial<KeyPress> = {}) =>
  keyOf({ key, metaKey: false, ctrlKey: false, altKey: false, shiftKey: false, ...held })

describe('shortcuts', () => {
  const known = [shortcut('overview', 'g', 'o'), shortcut('live', 'l'), shortcut('palette', 'mod+k')]

  it('are found by the keys pressed one after the other', () => {
    expect(matchKeys(['g'], known)).toEqual({ found: null, isPrefix: true })
    expect(matchKeys(['g', 'o'], known).found?.id).toBe('overview')
    expect(matchKeys(['o'], known)).toEqual({ found: null, isPrefix: false })
  })

  it('of the screen on top win over those of the shell', () => {
    expect(matchKeys(['l'], [...known, shortcut('other', 'l')]).found?.id).toBe('other')
  })

  it('are named alike on every keyboard', () => {
    expect(press(' ')).toBe('Space')
    expect(press('K', { ctrlKey: true })).toBe('mod+k')
    expect(press('k', { metaKey: true })).toBe('mod+k')
    expect(press('?', { shiftKey: true })).toBe('?')
    expect(press('ArrowLeft', { shiftKey: true })).toBe('shift+ArrowLeft')
  })
})
