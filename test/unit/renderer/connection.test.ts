import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createConnection } from '../../../renderer/api/connection.ts'

describe('the connection', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is open as soon as the node is reached for the first time', () => {
    const connection = createConnection()
    expect(connection.state.get().kind).toBe('connecting')
    connection.opened()
    expect(connection.state.get().kind).toBe('open')
  })

  it('is lost since the moment it was, through every attempt that is refused', () => {
    const connection = createConnection()
    connection.opened()
    vi.advanceTimersByTime(1_000)
    connection.closed()
    const { since } = connection.state.get()
    for (let attempt = 0; attempt < 5; attempt += 1) {
      vi.advanceTimersByTime(250)
      connection.opened()
      vi.advanceTimersByTime(50)
      connection.closed()
    }
    expect(connection.state.get()).toEqual({ kind: 'lost', since })
  })

  it('is regained once when it holds, and says so', () => {
    const connection = createConnection()
    const regained = vi.fn()
    connection.onRegained(regained)
    connection.opened()
    connection.closed()
    connection.opened()
    connection.opened()
    expect(regained).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(connection.state.get().kind).toBe('open')
    expect(regained).toHaveBeenCalledTimes(1)
  })
})
