import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createPlaybackClock,
  MAX_PLAYBACK_SPEED,
  MIN_PLAYBACK_SPEED,
  PLAYBACK_SPEEDS,
} from '../../../shared/playback-clock.ts'

function atClock(position: number, speed = 1) {
  let now = 500
  const clock = createPlaybackClock({ now: () => now, position, speed })
  return { clock, wait: (ms: number) => (now += ms) }
}

describe('the playback clock', () => {
  it('plays a day at 1000x in 86.4 seconds', () => {
    const { clock, wait } = atClock(0, 1_000)
    clock.play()
    wait(86_400)
    expect(clock.state().position).toBe(86_400_000)
  })

  it('stands still while paused', () => {
    const { clock, wait } = atClock(1_000)
    wait(5_000)
    expect(clock.state()).toEqual({ position: 1_000, speed: 1, playing: false })
    clock.play()
    wait(250)
    clock.pause()
    wait(5_000)
    expect(clock.state().position).toBe(1_250)
  })

  it('goes on from where it is when the speed changes', () => {
    const { clock, wait } = atClock(0, 10)
    clock.play()
    wait(1_000)
    clock.setSpeed(0.1)
    wait(1_000)
    expect(clock.state().position).toBeCloseTo(10_100)
  })

  it('keeps playing after a seek', () => {
    const { clock, wait } = atClock(0)
    clock.play()
    wait(100)
    clock.seek(7_000)
    wait(50)
    expect(clock.state().position).toBe(7_050)
  })

  it('refuses speeds out of bounds', () => {
    const { clock } = atClock(0)
    for (const speed of [0, -1, MIN_PLAYBACK_SPEED / 2, MAX_PLAYBACK_SPEED + 1, Number.NaN]) {
      expect(() => clock.setSpeed(speed)).toThrow(RangeError)
    }
  })

  it('does not drift, however often it is asked', () => {
    const waits = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(waits, fc.constantFrom(...PLAYBACK_SPEEDS), (steps, speed) => {
        const asked = atClock(0, speed)
        const left = atClock(0, speed)
        asked.clock.play()
        left.clock.play()
        for (const step of steps) {
          asked.wait(step)
          left.wait(step)
          asked.clock.state()
        }
        expect(asked.clock.state().position).toBe(left.clock.state().position)
      }),
    )
  })
})
