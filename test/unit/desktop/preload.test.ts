import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  BRIDGE_COMMAND_CHANNEL,
  BRIDGE_REQUEST_CHANNEL,
  type DesktopBridge,
  type DesktopCommand,
} from '../../../shared/desktop-bridge.ts'

let script = ''
beforeAll(async () => {
  const configFile = fileURLToPath(new URL('../../../vite.preload.config.ts', import.meta.url))
  const result = await build({ configFile, logLevel: 'silent', build: { write: false } })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((it) =>
    'output' in it ? it.output : [],
  )
  expect(outputs.map(({ fileName }) => fileName)).toEqual(['preload.cjs'])
  const [chunk] = outputs
  if (chunk?.type !== 'chunk') throw new Error('no script was built')
  script = chunk.code
}, 30_000)

let required: string[]
let exposed: Record<string, unknown>
let invoked: unknown[][]
let emit: (command: DesktopCommand) => void
let bridge: DesktopBridge

/** What Electron gives a sandboxed preload script: one module, no file system, no Node. */
beforeEach(() => {
  required = []
  exposed = {}
  invoked = []
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => Object.assign(exposed, { [name]: value }),
    },
    ipcRenderer: {
      invoke: async (...words: unknown[]) => {
        invoked.push(words)
        return 'answer'
      },
      on(channel: string, listener: (event: unknown, command: DesktopCommand) => void) {
        expect(channel).toBe(BRIDGE_COMMAND_CHANNEL)
        emit = (command) => listener({ sender: 'the whole of ipcRenderer' }, command)
      },
    },
  }
  const require = (name: string): unknown => {
    required.push(name)
    if (name !== 'electron') throw new Error(`${name} is not there in the sandbox`)
    return electron
  }
  runInContext(
    script,
    createContext({ require, process: { platform: 'linux' }, exports: {}, module: { exports: {} } }),
  )
  bridge = exposed.tidemark as DesktopBridge
})

describe('the preload script', () => {
  it('needs nothing but Electron and puts one object with three members into the page', () => {
    expect(required).toEqual(['electron'])
    expect(Object.keys(exposed)).toEqual(['tidemark'])
    expect(Object.keys(bridge).sort()).toEqual(['onCommand', 'platform', 'request'])
    expect(bridge.platform).toBe('linux')
  })

  it('sends text on one channel, whatever it is given', async () => {
    expect(await bridge.request('{"kind":"next","id":"1"}')).toBe('answer')
    await bridge.request({ toString: () => 'text' } as unknown as string)
    expect(invoked).toEqual([
      [BRIDGE_REQUEST_CHANNEL, '{"kind":"next","id":"1"}'],
      [BRIDGE_REQUEST_CHANNEL, 'text'],
    ])
  })

  it('hands commands on without the event they came with, until told to stop', () => {
    const heard: unknown[][] = []
    const stop = bridge.onCommand((...words) => heard.push(words))
    emit({ kind: 'navigate', path: '/settings' })
    stop()
    emit({ kind: 'finishing' })
    expect(heard).toEqual([[{ kind: 'navigate', path: '/settings' }]])
  })

  it('keeps the commands that came before the page listened, and no more than a few', () => {
    for (let n = 0; n < 100; n += 1) emit({ kind: 'navigate', path: `/${n}` })
    const heard: DesktopCommand[] = []
    bridge.onCommand((command) => heard.push(command))
    expect(heard).toHaveLength(16)
    expect(heard[0]).toEqual({ kind: 'navigate', path: '/0' })
  })
})
