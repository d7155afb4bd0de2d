import { EventEmitter } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCClient } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppRouter, appRouter } from '../../electron/api/router.ts'
import type { ApiContext } from '../../electron/api/trpc.ts'
import { runDesktop } from '../../electron/desktop/run-desktop.ts'
import { openStorageNode } from '../../electron/host/open-storage-node.ts'
import { KEY_FILE } from '../../electron/keys/node-key.ts'
import { ipcLink } from '../../renderer/api/ipc-link.ts'
import { BRIDGE_REQUEST_CHANNEL } from '../../shared/desktop-bridge.ts'
import { FakeElectron } from '../unit/desktop/fake-electron.ts'
import { createQuietLogger } from '../unit/telemetry/quiet-logger.ts'

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-desktop-shell-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** The shell as `main.ts` starts it, with the real node; only the window system is not there. */
async function startDesktop(): Promise<{ electron: FakeElectron; client: ReturnType<typeof clientOf> }> {
  const electron = new FakeElectron()
  const logger = createQuietLogger()
  const running = runDesktop({
    electron: electron.api,
    platform: process.platform,
    words: { dataDir, isHidden: false, link: null },
    dataDir,
    paths: { preload: '/preload.cjs', renderer: '/renderer', icons: '/icons' },
    router: appRouter,
    logger,
    signals: new EventEmitter() as unknown as NodeJS.Process,
    async startNode(options) {
      const node = await openStorageNode({ ...options, logger })
      const context: ApiContext = { node }
      return { context, status: () => node.status(), stop: () => node.stop() }
    },
  })
  electron.app.becomeReady()
  await running
  expect(electron.errorBoxes).toEqual([])
  return { electron, client: clientOf(electron) }
}

function clientOf(electron: FakeElectron) {
  const request = (envelope: string) =>
    electron.invoke(electron.window.webContents, BRIDGE_REQUEST_CHANNEL, envelope) as Promise<string>
  return createTRPCClient<AppRouter>({ links: [ipcLink({ bridge: { request } })] })
}

async function quit(electron: FakeElectron): Promise<number | undefined> {
  electron.app.quit()
  await expect.poll(() => electron.app.exitCode, { timeout: 20_000 }).toBeDefined()
  return electron.app.exitCode
}

describe('the desktop shell with the real node', () => {
  it('shows verified messages over IPC as they come, stops cleanly, and finds them and its key again', async () => {
    const first = await startDesktop()
    let events = 0
    const feed = first.client.feed.subscribe(undefined, {
      onData: () => {
        events += 1
      },
    })
    const verified = async () => (await first.client.node.status.query()).messages.verified
    await expect.poll(verified, { timeout: 60_000 }).toBeGreaterThan(4)
    expect(events).toBeGreaterThan(0)
    const before = await first.client.node.status.query()
    expect(before.messages.forged).toBe(0)
    feed.unsubscribe()
    expect(await quit(first.electron)).toBe(0)
    expect(JSON.parse(await readFile(join(dataDir, KEY_FILE), 'utf8'))).toMatchObject({
      protection: 'system-key-store',
      address: before.address,
    })

    const second = await startDesktop()
    const after = await second.client.node.status.query()
    expect(after.address).toBe(before.address)
    expect(after.messages.stored).toBeGreaterThanOrEqual(before.messages.stored)
    expect(await quit(second.electron)).toBe(0)
  })
})
