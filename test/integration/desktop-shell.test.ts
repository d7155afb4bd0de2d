import { EventEmitter } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCClient } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AppRouter, appRouter } from '../../electron/api/router.ts'
import { runDesktop } from '../../electron/desktop/run-desktop.ts'
import { startDesktopNode } from '../../electron/desktop/start-desktop-node.ts'
import { runningNodesDir } from '../../electron/host/paths.ts'
import { findRunningNode } from '../../electron/host/running-nodes.ts'
import { KEY_FILE } from '../../electron/keys/node-key.ts'
import { ipcLink } from '../../renderer/api/ipc-link.ts'
import { BRIDGE_REQUEST_CHANNEL } from '../../shared/desktop-bridge.ts'
import { runNode } from '../support/portal-process.ts'
import { FakeElectron } from '../unit/desktop/fake-electron.ts'
import { createQuietLogger } from '../unit/telemetry/quiet-logger.ts'

let folder = ''
let dataDir = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-desktop-shell-'))
  dataDir = join(folder, 'data')
  // Word of the node under test stays apart from the user's own nodes.
  for (const name of ['XDG_DATA_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, join(folder, 'state'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

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
    loadUpdater: () => Promise.reject(new Error('no feed is set')),
    router: appRouter,
    logger,
    signals: new EventEmitter() as unknown as NodeJS.Process,
    startNode: (options) => startDesktopNode({ ...options, logger }),
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
  await expect.poll(() => electron.app.exitCode, { timeout: 60_000 }).toBeDefined()
  return electron.app.exitCode
}

const query = (streamId: string) =>
  runNode('electron/cli.ts', ['query', streamId, '--last', '3', '--json', '--data', dataDir])

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

  it('answers commands and health checks on loopback while the window is open, and not after', async () => {
    const { electron, client } = await startDesktop()
    const [stream] = await client.streams.list.query()
    if (stream === undefined) throw new Error('no stream')
    const answer = await query(stream.streamId)
    expect(answer).toMatchObject({ code: 0, stderr: '' })
    const lines = answer.stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).verdict)).toEqual(['verified', 'verified', 'verified'])

    const running = await findRunningNode(runningNodesDir(), dataDir)
    expect(running.pid).toBe(process.pid)
    const health = await fetch(`${running.url}/health`)
    expect(await health.json()).toMatchObject({ status: 'ok' })
    expect((await fetch(running.url)).status).toBe(401)

    expect(await quit(electron)).toBe(0)
    expect(await query(stream.streamId)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`No Tidemark is running on ${dataDir}.`),
    })
    await expect(fetch(`${running.url}/health`)).rejects.toThrow()
  })
})
