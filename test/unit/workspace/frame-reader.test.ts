import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChartFrame } from '../../../renderer/ui/chart/frame.ts'
import { createFrameReader, READ_EVERY_MS, REST_MS } from '../../../renderer/ui/chart/frame-reader.ts'

describe('a chart whose time moves', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function chart() {
    const state = { from: 0, reads: 0, asked: 0, isDue: false, hasRoom: true }
    const moment = () => ({ from: state.from, to: state.from + 100, playhead: null })
    const reader = createFrameReader({
      read() {
        state.reads += 1
        return { ...moment(), version: String(state.reads) } as unknown as ChartFrame
      },
      moment,
      isDue: () => state.isDue,
      hasRoom: () => state.hasRoom,
      request: () => void state.asked++,
      now: () => Date.now(),
    })
    return { state, reader }
  }

  it('is moved as it is known in each frame, and looked at anew in between', () => {
    const { state, reader } = chart()
    const seen = []
    for (let frame = 0; frame < 20; frame += 1) {
      state.from += 1
      const next = reader.next()
      expect(next?.frame).toMatchObject({ from: state.from, to: state.from + 100 })
      seen.push(next?.isRead)
      vi.advanceTimersByTime(READ_EVERY_MS / 10)
    }
    expect(seen.filter(Boolean)).toHaveLength(2)
    expect(seen[0]).toBe(true)
  })

  it('is looked at a last time where it comes to rest, and then no more', () => {
    const { state, reader } = chart()
    reader.next()
    for (state.from = 1; state.from <= 5; state.from += 1) {
      expect(reader.next()?.isRead).toBe(false)
      vi.advanceTimersByTime(REST_MS / 5)
    }
    state.from = 5
    expect(reader.next()?.isRead).toBe(false)
    expect(state.asked).toBe(0)
    vi.advanceTimersByTime(REST_MS)
    expect(state.asked).toBe(1)
    expect(reader.next()).toMatchObject({ isRead: true, frame: { from: 5, version: '2' } })
    vi.advanceTimersByTime(10 * READ_EVERY_MS)
    expect(reader.next()?.isRead).toBe(false)
    expect([state.asked, state.reads]).toEqual([1, 2])
  })

  it('is looked at as soon as there is room when data has changed or has to be painted', () => {
    const { state, reader } = chart()
    reader.next()
    for (const change of ['data', 'picture']) {
      if (change === 'data') reader.changed()
      else state.isDue = true
      state.hasRoom = false
      const before = state.asked
      expect(reader.next()?.isRead).toBe(false)
      expect(state.asked).toBe(before + 1)
      state.hasRoom = true
      expect(reader.next()?.isRead).toBe(true)
      state.isDue = false
      expect(reader.next()?.isRead).toBe(false)
    }
  })

  it('is not drawn before it was looked at', () => {
    const { state, reader } = chart()
    state.hasRoom = false
    expect(reader.next()).toBe(null)
    expect(state.asked).toBe(1)
  })

  it('is left alone when it is gone', () => {
    const { state, reader } = chart()
    reader.next()
    state.from = 5
    reader.next()
    reader.dispose()
    vi.advanceTimersByTime(10 * READ_EVERY_MS)
    expect(state.asked).toBe(0)
  })
})
