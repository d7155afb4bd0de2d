import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openConfiguration } from '../../../electron/node/configuration.ts'
import { createSourceDesk, type SourceDesk } from '../../../electron/node/source-desk.ts'
import type { NewStream } from '../../../electron/node/streamr/stream-creator.ts'
import { type SourceSettings, sourceSchema } from '../../../shared/sources.ts'
import { temporaryFolder } from '../store/store-folder.ts'
import { closeEndpoints, endpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

const ADDRESS = `0x${'ab'.repeat(20)}`
const COST = { gasUnits: 1, feeWei: '2', balanceWei: '3' }

describe('the sources of a node', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let desk: SourceDesk
  let made: NewStream[]
  let isThere: boolean
  let isChainDown: boolean
  let published: { streamId: string; content: Record<string, unknown> }[]
  let kept: string[]
  let exporter: SourceSettings

  async function open(): Promise<void> {
    desk = createSourceDesk({
      dataDir: folder.path,
      configuration: await openConfiguration(folder.path),
      address: ADDRESS,
      network: {
        publish: async (streamId, content) => published.push({ streamId, content }),
        isConnected: () => true,
        neighbours: () => [],
      },
      creator: {
        async exists() {
          if (isChainDown) throw new Error('down at https://key@rpc')
          return isThere
        },
        estimate: async () => COST,
        async create(stream) {
          made.push(stream)
          isThere = true
          return `${ADDRESS}${stream.path}`
        },
      },
      onMade: async (streamId) => {
        kept.push(streamId)
      },
      clock: Date,
      logger: createQuietLogger(),
    })
    await desk.start()
  }

  beforeEach(async () => {
    folder = temporaryFolder()
    made = []
    published = []
    kept = []
    isThere = false
    isChainDown = false
    const url = await endpoint((_request, response) => response.end('load 0.5\n'))
    const asked = { kind: 'prometheus', name: 'exporter', url, metrics: ['*'], intervalMs: 1_000 }
    exporter = sourceSchema.parse(asked)
    await open()
  })
  afterEach(async () => {
    await desk.stop()
    await closeEndpoints()
    folder.remove()
  })
  const seen = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 50 })

  it('publish nothing before their stream is made at a cost somebody has seen, and then each under its name', async () => {
    await desk.put(exporter)
    await seen(async () => expect((await desk.view()).sources[0]?.measured).toBeGreaterThan(0))
    expect(await desk.view()).toMatchObject({ stream: 'missing', streamId: `${ADDRESS}/tidemark/sources` })
    expect(published).toEqual([])
    expect(made).toEqual([])
    expect(await desk.estimate()).toEqual(COST)
    await desk.makeStream()
    expect(made).toMatchObject([
      { path: '/tidemark/sources', metadata: { schema: { properties: { exporter: {} } } } },
    ])
    expect(kept).toEqual([`${ADDRESS}/tidemark/sources`])
    await seen(() =>
      expect(published[0]).toMatchObject({
        streamId: `${ADDRESS}/tidemark/sources`,
        content: { exporter: { metrics: { load: 0.5 } } },
      }),
    )
    await desk.makeStream()
    expect(made).toHaveLength(1)
  })

  it('are said to read nothing where they read nothing, though they measure', async () => {
    const page = await endpoint((_request, response) => response.end('<html>502</html>'))
    const url = await endpoint((_request, response) => response.end('load 0.5\nother NaN\n'))
    await desk.put(sourceSchema.parse({ kind: 'evm', name: 'chain', url: page, intervalMs: 1_000 }))
    await desk.put({ ...exporter, ...{ url } } as SourceSettings)
    await seen(async () => {
      const [chain, some] = (await desk.view()).sources
      expect(chain).toMatchObject({ problem: null, missing: { isEverything: true, reasons: ['not-json'] } })
      expect(some?.measured).toBeGreaterThan(0)
      expect(some?.missing?.isEverything ?? false).toBe(false)
    })
    await desk.remove('chain')
    expect((await desk.view()).sources).toHaveLength(1)
  })

  it('are there again at the next start, changed and removed one by one', async () => {
    await desk.put(exporter)
    await desk.put({ ...exporter, intervalMs: 5_000 })
    await desk.put(sourceSchema.parse({ kind: 'clock', name: 'time', server: '127.0.0.1:9' }))
    await desk.stop()
    isThere = true
    await open()
    const { sources, stream } = await desk.view()
    expect(stream).toBe('there')
    expect(sources.map(({ settings: { name, intervalMs } }) => [name, intervalMs])).toEqual([
      ['exporter', 5_000],
      ['time', 10_000],
    ])
    await desk.remove('exporter')
    expect((await desk.view()).sources.map(({ settings: { name } }) => name)).toEqual(['time'])
  })

  it('leave this machine to its own stream, and say no address when the chain is out of reach', async () => {
    const machine = sourceSchema.parse({ kind: 'machine', name: 'machine' })
    expect(() => desk.put(machine)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    isChainDown = true
    const view = await desk.view()
    expect(view).toMatchObject({ stream: 'unknown', problem: 'The chain could not be asked.' })
  })
})
