import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  DEFAULT_DESKTOP_SETTINGS,
  desktopSettingsSchema,
} from '../../../electron/desktop/desktop-settings.ts'
import { openJsonFile } from '../../../electron/desktop/json-file.ts'
import { type PortalTray, setupTray } from '../../../electron/desktop/setup-tray.ts'
import type { NodeStatus } from '../../../shared/node-status.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron } from './fake-electron.ts'

const status = (over: Partial<NodeStatus> = {}): NodeStatus => ({
  version: '1',
  environment: 'local',
  address: '0x',
  dataDir: '/data',
  uptimeS: 1,
  messages: { stored: 1_000, verified: 990, pending: 10, unauthorised: 0, forged: 0 },
  chain: { height: 1, chainId: 1, reachable: true, rpcUrl: '', endpoints: [] },
  streamr: { connected: true, neighbours: 1 },
  peers: 1,
  diskBytes: 1,
  diskFreeBytes: 1,
  alertsFiring: 0,
  lastMessageAt: null,
  store: { engine: 'sqlite', spooled: 0 },
  problems: [],
  ...over,
})

let folder = ''
let electron: FakeElectron
let now = 0
let tray: PortalTray | null = null
let opened: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-tray-'))
  electron = new FakeElectron()
  now = 0
  opened = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  tray?.destroy()
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

function start(ask: () => Promise<NodeStatus>, show = () => undefined) {
  const settings = openJsonFile({
    path: join(folder, 'settings.json'),
    schema: desktopSettingsSchema,
    fallback: DEFAULT_DESKTOP_SETTINGS,
    logger: createQuietLogger(),
  })
  tray = setupTray({
    electron: electron.api,
    platform: 'linux',
    iconsDir: '/icons',
    settings,
    status: ask,
    show,
    openAnother: () => opened.push('another'),
    setStartAtLogin: (isWanted) => opened.push(`login ${isWanted}`),
    logger: createQuietLogger(),
    monotonic: () => now,
  })
  return settings
}

const labels = (): (string | undefined)[] => electron.tray.menu.map(({ label }) => label)
const entry = (label: string): MenuItemConstructorOptions => {
  const item = electron.tray.menu.find((candidate) => candidate.label === label)
  if (item === undefined) throw new Error(`no entry ${label}`)
  return item
}

async function pass(ms: number): Promise<void> {
  now += ms
  await vi.advanceTimersByTimeAsync(ms)
}

describe('the tray', () => {
  it('says that the node starts, then what it holds and how fast it grows', async () => {
    let stored = 1_000
    start(async () =>
      status({ messages: { stored, verified: stored, pending: 0, unauthorised: 0, forged: 0 } }),
    )
    expect(labels()[0]).toBe('Starting…')
    await pass(0)
    expect(labels().slice(0, 2)).toEqual(['1,000 verified of 1,000', 'local · 1 peer'])
    stored = 1_100
    await pass(5_000)
    expect(labels()[0]).toBe('20.0 msg/s · 1,100 verified of 1,100')
    expect(electron.tray.toolTip).toContain('20.0 msg/s')
  })

  it('says first what is wrong', async () => {
    start(async () =>
      status({
        alertsFiring: 2,
        messages: { stored: 5, verified: 4, pending: 0, unauthorised: 0, forged: 1 },
        problems: [{ code: 'rpc-unreachable', message: 'The chain cannot be reached.', remedy: '' }],
      }),
    )
    await pass(0)
    expect(labels().slice(0, 3)).toEqual(['2 alerts firing', '1 forged', 'The chain cannot be reached.'])
  })

  it('makes a new menu only when something changed, so that an open one stays open', async () => {
    start(async () => status())
    await pass(0)
    await pass(5_000)
    const before = electron.tray.menusSet
    for (let n = 0; n < 20; n += 1) await pass(5_000)
    expect(electron.tray.menusSet).toBe(before)
  })

  it('asks a slow node again only when it has answered, and goes on after a failure', async () => {
    let asked = 0
    const answers = [Promise.withResolvers<NodeStatus>(), Promise.withResolvers<NodeStatus>()]
    start(() => answers[asked++]?.promise ?? Promise.resolve(status()))
    await pass(60_000)
    expect(asked).toBe(1)
    answers[0]?.reject(new Error('not now'))
    await pass(0)
    await pass(5_000)
    expect(asked).toBe(2)
    answers[1]?.resolve(status())
    await pass(0)
    expect(labels()[0]).toContain('verified')
  })

  it('keeps the choices made in it', async () => {
    const settings = start(async () => status())
    await pass(0)
    const click = entry('Start minimised').click as (item: { checked: boolean }) => void
    click({ checked: true })
    expect(settings.current).toMatchObject({ startMinimised: true, closeToTray: true })
  })

  it('shows the window on a click and quits from its menu', async () => {
    const show = vi.fn(() => undefined)
    start(async () => status(), show)
    electron.tray.emit('click')
    expect(show).toHaveBeenCalledTimes(1)
    ;(entry('Quit Tidemark').click as () => void)()
    expect(electron.app.quitRequests).toBe(1)
  })

  it('says that the node is finishing, offers nothing more, and no longer asks', async () => {
    let asked = 0
    start(async () => {
      asked += 1
      return status()
    })
    await pass(0)
    tray?.finishing()
    expect(labels()[0]).toContain('Finishing')
    expect(entry('Quit Tidemark').enabled).toBe(false)
    await pass(60_000)
    expect(asked).toBe(1)
    expect(labels()[0]).toContain('Finishing')
  })

  it('is left out where the desktop has none', () => {
    electron.hasTray = false
    start(async () => status())
    expect(tray).toBeNull()
  })
})
