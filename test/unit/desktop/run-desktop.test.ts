import { EventEmitter } from 'node:events'
import { mkdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initTRPC } from '@trpc/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readDesktopArguments } from '../../../electron/desktop/desktop-arguments.ts'
import { MAX_OTHER_WINDOWS } from '../../../electron/desktop/other-windows.ts'
import { type HostedNode, runDesktop } from '../../../electron/desktop/run-desktop.ts'
import type { Sealer } from '../../../electron/keys/sealer.ts'
import { BRIDGE_COMMAND_CHANNEL, BRIDGE_REQUEST_CHANNEL } from '../../../shared/desktop-bridge.ts'
import { TidemarkError } from '../../../shared/errors.ts'
import type { NodeStatus } from '../../../shared/node-status.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron, fakeEvent } from './fake-electron.ts'

const t = initTRPC.context<{ name: string }>().create()
const router = t.router({ name: t.procedure.query(({ ctx }) => ctx.name) })

let dataDir = ''
let electron: FakeElectron
let node: {
  started: PromiseWithResolvers<void>
  stopped: PromiseWithResolvers<void>
  stops: number
  sealer?: Sealer
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-desktop-'))
  electron = new FakeElectron()
  node = { started: Promise.withResolvers(), stopped: Promise.withResolvers(), stops: 0 }
  node.started.promise.catch(() => undefined)
})
afterEach(async () => {
  node.stopped.resolve()
  if (electron.app.exitCode === undefined) electron.app.quit()
  await settle()
  await rm(dataDir, { recursive: true, force: true })
})

const settle = (ms = 20) => new Promise((done) => setTimeout(done, ms))

async function start(words: string[] = [], platform: NodeJS.Platform = 'linux'): Promise<void> {
  const running = runDesktop({
    electron: electron.api,
    platform,
    words: readDesktopArguments(words, '/'),
    dataDir,
    paths: { preload: '/app/preload.cjs', renderer: '/app/renderer', icons: '/app/icons' },
    router,
    loadUpdater: () => Promise.reject(new Error('no feed is set')),
    logger: createQuietLogger(),
    signals: new EventEmitter() as unknown as NodeJS.Process,
    async startNode({ sealer, signal }): Promise<HostedNode> {
      node.sealer = sealer
      signal.addEventListener('abort', () => node.started.reject(new Error('aborted')))
      await node.started.promise
      return {
        context: { name: 'the node' },
        status: async () =>
          ({
            messages: { stored: 0, verified: 0, forged: 0 },
            problems: [],
            peers: 0,
            alertsFiring: 0,
            environment: 'local',
          }) as unknown as NodeStatus,
        async stop() {
          node.stops += 1
          await node.stopped.promise
        },
      }
    },
  })
  running.catch(() => undefined)
  electron.app.becomeReady()
  await settle()
}

const sentCommands = (): unknown[] =>
  electron.window.webContents.sent
    .filter(({ channel }) => channel === BRIDGE_COMMAND_CHANNEL)
    .map(({ value }) => value)

async function ask(path: string): Promise<unknown> {
  const envelope = JSON.stringify({ kind: 'query', id: '1', path })
  return JSON.parse(
    String(await electron.invoke(electron.window.webContents, BRIDGE_REQUEST_CHANNEL, envelope)),
  )
}

describe('the window', () => {
  it('has no Node, is isolated and sandboxed, and loads the portal from the app’s own scheme', async () => {
    await start()
    expect(electron.window.options.webPreferences).toEqual({
      preload: '/app/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: true,
    })
    expect(electron.app.isSandboxed).toBe(true)
    expect(electron.window.webContents.getURL()).toBe('app://tidemark/')
    expect([...electron.schemeHandlers.keys()]).toEqual(['app'])
    expect(electron.window.webContents.windowOpenHandler).toBeDefined()
    expect(electron.defaultSession.permissionRequest).toBeDefined()
  })

  it('is shown when it has something to show, before the node is up', async () => {
    await start()
    expect(electron.window.shown).toBe(false)
    electron.window.finishLoading()
    expect(electron.window.shown).toBe(true)
    const asked = ask('name')
    node.started.resolve()
    expect(await asked).toEqual({ result: { type: 'data', data: 'the node' } })
  })

  it('opens where it was, as it was', async () => {
    mkdirSync(join(dataDir, 'desktop'))
    await writeFile(
      join(dataDir, 'desktop', 'window.json'),
      JSON.stringify({ x: 300, y: 200, width: 1_100, height: 700, isMaximised: true }),
    )
    await start()
    expect(electron.window.options).toMatchObject({ x: 300, y: 200, width: 1_100, height: 700 })
    electron.window.finishLoading()
    expect(electron.window.maximised).toBe(true)
  })

  it('keeps its place over a quit', async () => {
    await start()
    node.started.resolve()
    electron.window.finishLoading()
    electron.window.bounds = { x: 40, y: 50, width: 1_000, height: 800 }
    electron.window.emit('move')
    node.stopped.resolve()
    electron.app.quit()
    await vi.waitFor(async () => {
      const kept: unknown = JSON.parse(await readFile(join(dataDir, 'desktop', 'window.json'), 'utf8'))
      expect(kept).toEqual({ x: 40, y: 50, width: 1_000, height: 800, isMaximised: false })
    })
  })

  it('that crashes is loaded again once; the node goes on', async () => {
    await start()
    node.started.resolve()
    electron.window.webContents.emit('render-process-gone', fakeEvent(), { reason: 'crashed' })
    electron.window.webContents.emit('render-process-gone', fakeEvent(), { reason: 'crashed' })
    expect(electron.window.webContents.reloads).toBe(1)
    expect(node.stops).toBe(0)
  })
})

describe('several windows', () => {
  const PLACE = 'app://tidemark/#/messages?part=x%230'
  const openAnother = () => electron.window.webContents.windowOpenHandler?.({ url: PLACE })

  it('show places of the one portal, each with its own, and are as closed to pages as the first', async () => {
    await start()
    node.started.resolve()
    await settle()
    const [first] = electron.windows
    expect(openAnother()).toEqual({ action: 'deny' })
    expect(electron.windows).toHaveLength(2)
    expect(electron.window.webContents.getURL()).toBe(PLACE)
    expect(electron.window.options.webPreferences).toEqual(first?.options.webPreferences)
    const envelope = JSON.stringify({ kind: 'query', id: 'q', path: 'name' })
    const answer = await electron.invoke(electron.window.webContents, BRIDGE_REQUEST_CHANNEL, envelope)
    expect(String(answer)).toContain('the node')
  })

  it('close for good, while the first goes into the tray', async () => {
    await start()
    openAnother()
    const other = electron.window
    other.close()
    expect(other.destroyed).toBe(true)
    const [first] = electron.windows
    first?.close()
    expect(first?.destroyed).toBe(false)
  })

  it('get what the menu says when they were used last', async () => {
    await start()
    openAnother()
    const [first] = electron.windows
    const other = electron.window
    first?.finishLoading()
    other.emit('focus')
    const item = electron.applicationMenu
      .flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
      .find(({ label }) => label === 'Keyboard shortcuts')
    if (item?.click === undefined) throw new Error('no such entry')
    ;(item.click as unknown as () => void)()
    expect(other.webContents.sent).toHaveLength(1)
    expect(first?.webContents.sent).toHaveLength(0)
  })

  it('are bounded', async () => {
    await start()
    for (let at = 0; at < 40; at++) openAnother()
    expect(electron.windows).toHaveLength(1 + MAX_OTHER_WINDOWS)
  })
})

describe('one instance', () => {
  it('keeps its lock and its own files in the data folder', async () => {
    await start()
    expect(electron.app.paths.get('userData')).toBe(join(dataDir, 'desktop'))
  })

  it('a second one quits at once and opens nothing', async () => {
    electron.app.isFirstInstance = false
    await start()
    expect(electron.app.quitRequests).toBe(1)
    expect(electron.windows).toHaveLength(0)
    expect(node.sealer).toBeUndefined()
  })

  it('the first comes to the front, at the place a link of the second names', async () => {
    await start()
    electron.window.finishLoading()
    electron.window.minimised = true
    electron.app.emit('second-instance', fakeEvent(), ['tidemark', 'tidemark://open/settings'], '/')
    expect(electron.windows).toHaveLength(1)
    expect(electron.window).toMatchObject({ minimised: false, shown: true })
    expect(sentCommands()).toEqual([{ kind: 'navigate', path: '/settings' }])
  })
})

describe('a link', () => {
  it('that started the app is said to the page as soon as it is loaded', async () => {
    await start(['tidemark://open/workspace?stream=x', '--hidden'])
    expect(sentCommands()).toEqual([])
    electron.window.finishLoading()
    expect(sentCommands()).toEqual([{ kind: 'navigate', path: '/workspace?stream=x' }])
  })

  it('that macOS brings leads there, one from elsewhere nowhere', async () => {
    await start([], 'darwin')
    electron.window.finishLoading()
    electron.app.emit('open-url', fakeEvent(), 'tidemark://open/messages')
    electron.app.emit('open-url', fakeEvent(), 'https://example.com/messages')
    await settle()
    expect(sentCommands()).toEqual([{ kind: 'navigate', path: '/messages' }])
  })
})

describe('the tray', () => {
  it('takes the window when it is closed, says so once, and gives it back', async () => {
    await start()
    node.started.resolve()
    electron.window.finishLoading()
    electron.window.close()
    expect(electron.window).toMatchObject({ destroyed: false, shown: false })
    electron.tray.emit('click')
    expect(electron.window.shown).toBe(true)
    electron.window.close()
    expect(electron.notifications).toHaveLength(1)
    expect(electron.app.exitCode).toBeUndefined()
  })

  it('is where a hidden start stays, without a window that costs anything', async () => {
    await start(['--hidden'])
    expect(electron.windows).toHaveLength(0)
    electron.tray.emit('click')
    expect(electron.windows).toHaveLength(1)
  })

  it('is where a start stays when that was chosen', async () => {
    mkdirSync(join(dataDir, 'desktop'))
    const chosen = { startMinimised: true, closeToTray: true, trayExplained: true }
    await writeFile(join(dataDir, 'desktop', 'settings.json'), JSON.stringify(chosen))
    await start()
    expect(electron.windows).toHaveLength(0)
  })

  it('that is not there leaves the window as the only way in: it is shown, and closing it quits', async () => {
    electron.hasTray = false
    await start(['--hidden'])
    node.started.resolve()
    electron.window.finishLoading()
    electron.window.close()
    expect(electron.window.destroyed).toBe(true)
    electron.app.emit('window-all-closed')
    node.stopped.resolve()
    await settle()
    await vi.waitFor(() => expect([node.stops, electron.app.exitCode]).toEqual([1, 0]))
  })
})

describe('quitting', () => {
  it('shows that it finishes, ends what the page had open, and waits for the node', async () => {
    await start()
    node.started.resolve()
    electron.window.finishLoading()
    await ask('name')
    electron.app.quit()
    await settle()
    expect(sentCommands()).toEqual([{ kind: 'finishing' }])
    expect(electron.tray.toolTip).toContain('Finishing')
    await expect(ask('name')).rejects.toThrow('No handler')
    expect(electron.app.exitCode).toBeUndefined()
    node.stopped.resolve()
    await settle()
    expect(electron.app.exitCode).toBe(0)
  })

  it('while the node starts gives up the start and ends', async () => {
    await start()
    electron.app.quit()
    await settle()
    await vi.waitFor(() => expect([node.stops, electron.app.exitCode]).toEqual([0, 0]))
    expect(electron.errorBoxes).toEqual([])
  })
})

describe('a node that cannot start', () => {
  it('is told in a sentence with what to do, and the app ends', async () => {
    await start()
    node.started.reject(
      new TidemarkError('data-folder-in-use', 'Another Tidemark uses this folder.', 'Close that one.'),
    )
    await settle()
    expect(electron.errorBoxes).toEqual([
      { title: 'Another Tidemark uses this folder.', content: 'Close that one.' },
    ])
    expect(electron.app.exitCode).toBe(1)
  })

  it('for a reason nobody foresaw shows no stack', async () => {
    await start()
    node.started.reject(new TypeError('Cannot read properties of undefined'))
    await settle()
    expect(JSON.stringify(electron.errorBoxes)).not.toContain('undefined')
  })
})

describe('the key', () => {
  it('is sealed by the system’s key store', async () => {
    await start()
    expect(node.sealer?.protection).toBe('system-key-store')
  })
})
