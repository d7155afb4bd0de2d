import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createTransport,
  followWindow,
  type TransportView,
} from '../../../renderer/features/workspace/transport.ts'
import { PLAYBACK_SPEEDS } from '../../../shared/playback-clock.ts'

const NOW = 1_000_000_000
const live: TransportView = {
  range: { kind: 'live', spanMs: 300_000 },
  playhead: null,
  playing: false,
  speed: 1,
  loop: null,
}
const past: TransportView = {
  range: { kind: 'fixed', from: NOW - 600_000, to: NOW - 300_000 },
  playhead: null,
  playing: false,
  speed: 10,
  loop: null,
}

function start(view: TransportView) {
  let passed = 0
  const transport = createTransport({ wallNow: () => NOW + passed, steadyNow: () => passed, view })
  return { transport, wait: (ms: number) => (passed += ms) }
}

describe('the transport', () => {
  it('shows the newest stretch while live', () => {
    const { transport, wait } = start(live)
    wait(5_000)
    expect(transport.now()).toEqual({
      mode: 'live',
      from: NOW - 295_000,
      to: NOW + 5_000,
      playhead: null,
      speed: 1,
      loop: null,
    })
  })

  it('freezes at the present when paused, and goes on from there when played', () => {
    const { transport, wait } = start(live)
    transport.pause()
    wait(10_000)
    expect(transport.now()).toMatchObject({ mode: 'paused', to: NOW, playhead: NOW })
    transport.play()
    wait(2_000)
    expect(transport.now()).toMatchObject({ mode: 'playing', playhead: NOW + 2_000, to: NOW + 2_000 })
  })

  it('replays a stretch of the past from its beginning', () => {
    const { transport, wait } = start(past)
    transport.play()
    wait(1_000)
    expect(transport.now()).toMatchObject({ mode: 'playing', from: NOW - 600_000, playhead: NOW - 590_000 })
  })

  it('follows a playhead that has nearly reached the end of the window', () => {
    const { transport, wait } = start(past)
    transport.play()
    wait(27_000)
    const { from, to, playhead } = transport.now()
    expect(playhead).toBe(NOW - 330_000)
    expect((Number(playhead) - from) / (to - from)).toBeCloseTo(0.8)
  })

  it('goes on after a reload where the address says it was', () => {
    const { transport, wait } = start(past)
    transport.play()
    wait(12_345)
    const reloaded = start(transport.toView())
    expect(reloaded.transport.now()).toMatchObject({ mode: 'playing', speed: 10, playhead: NOW - 476_550 })
    reloaded.wait(1_000)
    expect(reloaded.transport.now().playhead).toBe(NOW - 466_550)
  })

  it('goes on in its loop after a reload', () => {
    const { transport, wait } = start(past)
    const loop = { from: NOW - 590_000, to: NOW - 580_000 }
    transport.setLoop(loop)
    transport.play()
    wait(500)
    const reloaded = start(transport.toView())
    expect(reloaded.transport.now()).toMatchObject({ mode: 'playing', playhead: NOW - 585_000, loop })
    reloaded.wait(700)
    reloaded.transport.settle()
    expect(reloaded.transport.now().playhead).toBe(NOW - 588_000)
    reloaded.transport.goLive()
    expect(reloaded.transport.toView().loop).toBeNull()
  })

  it('is live again when a replay has caught up', () => {
    const { transport, wait } = start({ ...past, speed: 1_000 })
    transport.play()
    wait(700)
    transport.settle()
    expect(transport.now()).toMatchObject({ mode: 'live', playhead: null })
  })

  it('seeks without stopping a replay, and never into the future', () => {
    const { transport } = start(past)
    transport.play()
    transport.seek(NOW - 500_000)
    expect(transport.now()).toMatchObject({ mode: 'playing', playhead: NOW - 500_000 })
    transport.seek(NOW + 1e9)
    expect(transport.now().playhead).toBe(NOW)
  })

  it('stops being live when it is moved by hand, and stays live when it is zoomed', () => {
    const { transport } = start(live)
    transport.zoom(0.5, NOW)
    expect(transport.now()).toMatchObject({ mode: 'live', from: NOW - 150_000 })
    transport.pan(-60_000)
    expect(transport.now()).toMatchObject({ mode: 'paused', to: NOW - 60_000 })
    transport.goLive()
    expect(transport.now()).toMatchObject({ mode: 'live', from: NOW - 150_000, to: NOW })
  })

  it('zooms about the time under the pointer', () => {
    const { transport } = start(past)
    const at = NOW - 400_000
    const share = (moment: { from: number; to: number }) => (at - moment.from) / (moment.to - moment.from)
    const before = share(transport.now())
    transport.zoom(0.37, at)
    expect(share(transport.now())).toBeCloseTo(before)
  })

  it('keeps a window of sound length and the playhead in sight, whatever is done to it', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('seek' as const), value: fc.integer({ min: -5e8, max: 5e8 }) }),
      fc.record({ do: fc.constant('wait' as const), value: fc.integer({ min: 0, max: 60_000 }) }),
      fc.record({ do: fc.constant('zoom' as const), value: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
      fc.record({ do: fc.constant('speed' as const), value: fc.constantFrom(...PLAYBACK_SPEEDS) }),
      fc.record({
        do: fc.constantFrom('play', 'pause', 'toggle', 'goLive', 'settle'),
        value: fc.constant(0),
      }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const { transport, wait } = start(live)
        for (const { do: name, value } of actions) {
          if (name === 'seek') transport.seek(NOW + value)
          else if (name === 'wait') wait(value)
          else if (name === 'zoom') transport.zoom(value, NOW)
          else if (name === 'speed') transport.setSpeed(value)
          else transport[name as 'play']()
          const { from, to, playhead, mode } = transport.now()
          expect(to - from).toBeGreaterThanOrEqual(99.999)
          if (mode === 'live') expect(playhead).toBeNull()
          if (mode === 'playing') {
            expect(playhead).toBeGreaterThanOrEqual(from - 1)
            expect(playhead).toBeLessThanOrEqual(to + 1)
          }
        }
      }),
    )
  })
})

describe('a window that follows', () => {
  it('stays as it is while the playhead is well within', () => {
    expect(followWindow({ from: 0, to: 100 }, 50)).toEqual({ from: 0, to: 100 })
  })

  it('comes to a playhead that is out of sight', () => {
    expect(followWindow({ from: 1_000, to: 1_100 }, 0)).toEqual({ from: -10, to: 90 })
    expect(followWindow({ from: 0, to: 100 }, 1_000)).toEqual({ from: 900, to: 1_000 })
  })
})
