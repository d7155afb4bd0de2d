import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runningNodesDir } from '../../../electron/host/paths.ts'
import { findRunningNode } from '../../../electron/host/running-nodes.ts'
import { serveNode } from '../../../electron/host/serve-node.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

let folder: string
let stack: AsyncDisposableStack
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-serve-'))
  for (const name of ['XDG_DATA_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, join(folder, 'state'))
  stack = new AsyncDisposableStack()
})
afterEach(async () => {
  await stack.disposeAsync()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const part = '0x0000000000000000000000000000000000000001/numbers#0'
const advertised: string[] = []
const node = {
  health: async () => ({ status: 'ok' }),
  network: { environment: 'local' },
  isStored: (asked: string) => asked === part,
  gossip: { host: { multiaddrs: () => [] } },
  presence: { advertise: async ({ urls }: { urls: string[] }) => void advertised.push(...urls) },
  store: {},
  storageHttp: {
    running: { host: '127.0.0.1', port: 0, publicUrls: [], apiKeys: [] },
  },
} as unknown as StorageNode

const { signal } = new AbortController()
const serve = (port = 0) =>
  serveNode({ node, port, dataDir: join(folder, 'data'), logger: createQuietLogger(), stack, signal })
const entries = () => readdir(runningNodesDir()).catch(() => [])

describe('a node that is served', () => {
  it('answers for its health and its streams, and is found by commands', async () => {
    const { portal, storageUrl } = await serve()
    expect(await (await fetch(`${portal.url}/health`)).json()).toEqual({ status: 'ok' })
    const [streamId, partition] = part.split('#')
    const storage = `${storageUrl}/streams/${encodeURIComponent(streamId ?? '')}/storage/partitions`
    expect((await fetch(`${storage}/${partition}`)).status).toBe(200)
    expect((await fetch(`${storage}/1`)).status).toBe(404)
    expect(advertised).toContain(storageUrl)
    expect(await findRunningNode(runningNodesDir(), join(folder, 'data'))).toMatchObject({ url: portal.url })
  })

  it('is found no more, and listens no more, when the stack is disposed', async () => {
    const { portal, storageUrl } = await serve()
    await stack.disposeAsync()
    expect(await entries()).toEqual([])
    await expect(fetch(portal.url)).rejects.toThrow()
    await expect(fetch(storageUrl)).rejects.toThrow()
  })

  it('stops being found first, before what it started on closes', async () => {
    const order: string[] = []
    stack.defer(async () => {
      order.push(`node stops, ${(await entries()).length} announced`)
    })
    const { portal } = await serve()
    stack.defer(async () => {
      order.push(`before, ${(await entries()).length} announced, ${(await fetch(portal.url)).status}`)
    })
    await stack.disposeAsync()
    expect(order).toEqual(['before, 1 announced, 401', 'node stops, 0 announced'])
  })

  it('that cannot have its port says which, and is announced nowhere', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    await expect(serve(port)).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(String(port)),
    })
    taken.close()
    expect(await entries()).toEqual([])
  })
})
