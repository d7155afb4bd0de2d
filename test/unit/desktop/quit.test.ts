import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { setupQuit } from '../../../electron/desktop/setup-quit.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron, fakeEvent } from './fake-electron.ts'

let electron: FakeElectron
let signals: EventEmitter
let stopping: PromiseWithResolvers<void>
let stops = 0
let finishings = 0
let stays = true

beforeEach(() => {
  electron = new FakeElectron()
  electron.app.becomeReady()
  signals = new EventEmitter()
  stopping = Promise.withResolvers()
  stops = 0
  finishings = 0
  stays = true
})

function start(deadlineMs = 60_000) {
  return setupQuit({
    electron: electron.api,
    staysWithoutWindow: () => stays,
    stop() {
      stops += 1
      return stopping.promise
    },
    onFinishing: () => {
      finishings += 1
    },
    logger: createQuietLogger(),
    deadlineMs,
    signals: signals as unknown as NodeJS.Process,
  })
}

const settle = () => new Promise((done) => setTimeout(done, 5))

describe('quitting', () => {
  it('waits for the store: the app is there until the node has stopped', async () => {
    const quit = start()
    electron.app.quit()
    await settle()
    expect(quit.isFinishing).toBe(true)
    expect(electron.app.exitCode).toBeUndefined()
    stopping.resolve()
    await settle()
    expect(electron.app.exitCode).toBe(0)
  })

  it('happens once, however often it is asked for', async () => {
    start()
    for (let n = 0; n < 5; n += 1) electron.app.quit()
    stopping.resolve()
    await settle()
    electron.app.quit()
    expect([stops, finishings]).toEqual([1, 1])
  })

  it('is cut short with exit code 1 when stopping hangs', async () => {
    start(20)
    electron.app.quit()
    await new Promise((done) => setTimeout(done, 60))
    expect(electron.app.exitCode).toBe(1)
  })

  it('ends with exit code 1 when stopping fails', async () => {
    start()
    electron.app.quit()
    stopping.reject(new Error('disk gone'))
    await settle()
    expect(electron.app.exitCode).toBe(1)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s closes the store, too', async (signal) => {
    start()
    signals.emit(signal)
    stopping.resolve()
    await settle()
    expect([stops, electron.app.exitCode]).toEqual([1, 0])
  })

  it('a system that shuts down is asked to wait', async () => {
    start()
    await settle()
    const event = fakeEvent()
    electron.powerMonitor.emit('shutdown', event)
    expect(event.defaultPrevented).toBe(true)
    expect(stops).toBe(1)
  })

  it('closing the last window ends the app only where nothing else shows it', () => {
    start()
    electron.app.emit('window-all-closed')
    expect(stops).toBe(0)
    stays = false
    electron.app.emit('window-all-closed')
    expect(stops).toBe(1)
  })
})
