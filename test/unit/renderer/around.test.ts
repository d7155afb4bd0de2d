import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeBeside } from '../../../renderer/features/tour/place-beside.ts'
import { MAX_RECENTS, withRecent } from '../../../renderer/ui/recents.ts'

const place = (title: string, path = '/messages') => ({ path, title, screen: 'Messages' })

describe('where one was', () => {
  it('is remembered newest first, each stream and screen once, in its newest form', () => {
    const twice = withRecent([place('a'), place('b')], place('b', '/messages?live=1000'))
    expect(twice).toEqual([place('b', '/messages?live=1000'), place('a')])
  })

  it('is bounded, and takes nothing that is no place', () => {
    const many = Array.from({ length: 40 }, (_, index) => place(String(index)))
    const kept = many.reduce<readonly ReturnType<typeof place>[]>(withRecent, [])
    expect(kept).toHaveLength(MAX_RECENTS)
    expect(withRecent(kept, place('x', 'javascript:alert(1)'))).toBe(kept)
    expect(withRecent(kept, place('x', `/${'y'.repeat(5_000)}`))).toBe(kept)
  })
})

describe('the card of the tour', () => {
  it('lies within the window, wherever what it speaks of is', () => {
    const size = fc.integer({ min: 0, max: 2_000 })
    const box = fc.record({ left: size, top: size, width: size, height: size })
    fc.assert(
      fc.property(fc.option(box), (target) => {
        const card = { width: 340, height: 200 }
        const { left, top } = placeBeside(target, card, { width: 1_440, height: 900 })
        expect(left).toBeGreaterThanOrEqual(0)
        expect(top).toBeGreaterThanOrEqual(0)
        expect(left + card.width).toBeLessThanOrEqual(1_440)
        expect(top + card.height).toBeLessThanOrEqual(900)
      }),
    )
  })
})
