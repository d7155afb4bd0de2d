import { join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import type { Libp2p } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { decodeStreamMessage } from '../../../../electron/node/message/decode.ts'
import type { Startable } from '../../../../electron/node/ports.ts'
import type { MvdsMode } from '../../../../electron/node/remote-log/mvds/mvds-mode.ts'
import { createMvdsNode, type MvdsNode } from '../../../../electron/node/remote-log/mvds/mvds-node.ts'
import { MVDS_MIGRATIONS } from '../../../../electron/node/remote-log/mvds/mvds-state.ts'
import { createMvdsSync, MVDS_PROTOCOL } from '../../../../electron/node/remote-log/mvds/mvds-sync.ts'
import { PayloadSchema } from '../../../../electron/node/remote-log/wire/generated/vac/mvds_pb.ts'
import { wrapStreamMessage } from '../../../../electron/node/remote-log/wire/mvds-message.ts'
import { createMemoryIngest } from '../memory-ingest.ts'
import { createMemorySource, type MemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'
import { testHost } from '../test-host.ts'

const author = createTestPublisher()
const WAIT = { timeout: 12_000, interval: 20 }

interface Machine {
  host: Libp2p
  node: MvdsNode
  source: MemorySource
  sync: Startable
}

async function startMachine(mode: MvdsMode): Promise<Machine> {
  const host = await testHost()
  const database = await sharedDatabaseHost().open(join(await temporaryFolder(), 'mvds.db'), MVDS_MIGRATIONS)
  const source = createMemorySource()
  const store = createMemoryIngest()
  const node = await createMvdsNode({
    database,
    source,
    ingest: async (messages) => {
      const outcomes = await store.ingest(messages)
      for (const [at, { duplicate }] of outcomes.entries()) {
        const raw = messages[at]?.bytes ?? new Uint8Array(0)
        if (!duplicate) source.push({ raw, timestamp: decodeStreamMessage(raw).id.timestamp })
      }
      return outcomes
    },
    parts: () => [author.part],
    mode: () => mode,
    clock: { now: Date.now },
    logger: quietLogger,
  })
  const sync = createMvdsSync({ host, node, epochMs: 20, clock: { now: Date.now }, logger: quietLogger })
  await sync.start()
  onTestFinished(() => sync.stop())
  return { host, node, source, sync }
}

async function pair(a: Machine, b: Machine): Promise<void> {
  await a.node.addPeer(b.host.peerId.toString(), 'b')
  await b.node.addPeer(a.host.peerId.toString(), 'a')
  await a.host.dial(b.host.getMultiaddrs())
}

const push = ({ source }: Machine, from: number, count: number) =>
  source.push(...Array.from({ length: count }, (_, at) => author.sign(from + at)))

describe.each(['interactive', 'batch'] as const)('two paired nodes over libp2p, mode %s', (mode) => {
  it('come to hold the same', async () => {
    const [laptop, server] = [await startMachine(mode), await startMachine(mode)]
    push(laptop, 0, 150)
    push(server, 1_000, 50)
    await pair(laptop, server)
    await vi.waitFor(() => {
      expect(laptop.source.entries).toHaveLength(200)
      expect(server.source.entries).toHaveLength(200)
    }, WAIT)
    push(laptop, 2_000, 5)
    await vi.waitFor(() => expect(server.source.entries).toHaveLength(205), WAIT)
  })

  it('go on when one was away', async () => {
    const [laptop, server] = [await startMachine(mode), await startMachine(mode)]
    await pair(laptop, server)
    push(laptop, 0, 10)
    await vi.waitFor(() => expect(server.source.entries).toHaveLength(10), WAIT)
    await laptop.host.hangUp(server.host.peerId)
    push(laptop, 10, 10)
    await server.host.dial(laptop.host.getMultiaddrs())
    await vi.waitFor(() => expect(server.source.entries).toHaveLength(20), WAIT)
  })
})

describe('MVDS over libp2p', () => {
  it('takes nothing from a node that is not paired', async () => {
    const server = await startMachine('batch')
    const stranger = await testHost()
    const stream = await stranger.dialProtocol(server.host.getMultiaddrs(), MVDS_PROTOCOL)
    const { timestamp, raw } = author.sign(1)
    const payload = create(PayloadSchema, { messages: [wrapStreamMessage(author.part, timestamp, raw)] })
    const frames = lpStream(stream)
    // The stream is reset as soon as its opener is known: before, while or after something is written.
    const exchange = async () => {
      await frames.write(toBinary(PayloadSchema, payload))
      await frames.read()
    }
    await expect(exchange()).rejects.toThrow()
    expect(server.source.entries).toEqual([])
  })

  it('takes nothing that is too large, or no payload', async () => {
    const server = await startMachine('batch')
    const peer = await testHost()
    await server.node.addPeer(peer.peerId.toString(), 'peer')
    for (const bytes of [Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from([3, 0xff, 0xff, 0xff])]) {
      const stream = await peer.dialProtocol(server.host.getMultiaddrs(), MVDS_PROTOCOL)
      stream.send(bytes)
      await expect(lpStream(stream).read()).rejects.toThrow()
    }
    expect(server.source.entries).toEqual([])
  })
})
