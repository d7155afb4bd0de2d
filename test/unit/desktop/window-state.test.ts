import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_WINDOW_STATE,
  placeWindow,
  windowStateSchema,
} from '../../../electron/desktop/window-state.ts'

const left = { x: 0, y: 0, width: 1_920, height: 1_040 }
const right = { x: 1_920, y: 0, width: 2_560, height: 1_400 }
const state = { x: 2_000, y: 100, width: 1_500, height: 900, isMaximised: false }

describe('where the window goes', () => {
  it('is where it was, on the display it was on', () => {
    expect(placeWindow(state, [left, right])).toEqual({ x: 2_000, y: 100, width: 1_500, height: 900 })
  })

  it('is left to the system when the display it was on is gone', () => {
    expect(placeWindow(state, [left])).toEqual({ width: 1_500, height: 900 })
  })

  it('is left to the system when its title bar could not be taken hold of', () => {
    expect(placeWindow({ ...state, y: -500 }, [left, right])).not.toHaveProperty('x')
    expect(placeWindow({ ...state, x: 4_460 }, [left, right])).not.toHaveProperty('x')
    expect(placeWindow({ ...state, y: 1_390 }, [left, right])).not.toHaveProperty('x')
  })

  it('is left to the system at first run', () => {
    expect(placeWindow(DEFAULT_WINDOW_STATE, [left])).toEqual({ width: 1_440, height: 900 })
  })

  it('whatever was kept and whatever displays there are, it fits and can be taken hold of', () => {
    const display = fc.record({
      x: fc.integer({ min: -5_000, max: 5_000 }),
      y: fc.integer({ min: -5_000, max: 5_000 }),
      width: fc.integer({ min: 800, max: 8_000 }),
      height: fc.integer({ min: 600, max: 5_000 }),
    })
    const coordinate = fc.option(fc.integer({ min: -100_000, max: 100_000 }))
    const size = fc.integer({ min: 1, max: 100_000 })
    const kept = fc.record({
      x: coordinate,
      y: coordinate,
      width: size,
      height: size,
      isMaximised: fc.boolean(),
    })
    fc.assert(
      fc.property(kept, fc.array(display, { minLength: 1, maxLength: 4 }), (anyState, displays) => {
        expect(windowStateSchema.parse(anyState)).toEqual(anyState)
        const place = placeWindow(anyState, displays)
        const fits = displays.some((area) => place.width <= area.width && place.height <= area.height)
        expect(fits).toBe(true)
        const { x, y } = place
        if (x === undefined || y === undefined) return
        expect(displays.some((area) => y >= area.y && y < area.y + area.height)).toBe(true)
        expect(displays.some((area) => x < area.x + area.width && x + anyState.width > area.x)).toBe(true)
      }),
    )
  })
})
