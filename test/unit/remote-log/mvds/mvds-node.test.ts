import { join } from 'node:path'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeStreamMessage } from '../../../../electron/node/message/decode.ts'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import { MAX_IDS_PER_PAYLOAD } from '../../../../electron/node/remote-log/mvds/mvds-limits.ts'
import { MVDS_MODES, type MvdsMode } from '../../../../electron/node/remote-log/mvds/mvds-mode.ts'
import { createMvdsNode, type MvdsNode } from '../../../../electron/node/remote-log/mvds/mvds-node.ts'
import { MVDS_MIGRATIONS } from '../../../../electron/node/remote-log/mvds/mvds-state.ts'
import type { Ingest } from '../../../../electron/node/remote-log/ports.ts'
import {
  MetadataSchema,
  type Payload,
  PayloadSchema,
} from '../../../../electron/node/remote-log/wire/generated/vac/mvds_pb.ts'
import { mvdsMessageId, wrapStreamMessage } from '../../../../electron/node/remote-log/wire/mvds-message.ts'
import { rejectionCode } from '../error-code.ts'
import { createMemoryIngest } from '../memory-ingest.ts'
import { createMemorySource, type MemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'

const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const messageOf = (at: number) => {
  const { timestamp, raw } = author.sign(at)
  return wrapStreamMessage(author.part, timestamp, raw)
}
const idOf = (at: number) => mvdsMessageId(messageOf(at))

interface Side {
  name: string
  node: MvdsNode
  source: MemorySource
  database: Database
  mode: MvdsMode
  /** A new process over the same files. */
  restart(): Promise<void>
  held(): string[]
}

async function createSide(name: string, mode: MvdsMode, parts: string[] = [author.part]): Promise<Side> {
  const database = await sharedDatabaseHost().open(
    join(await temporaryFolder(), `${name}.db`),
    MVDS_MIGRATIONS,
  )
  const source = createMemorySource()
  const verifier = createMemoryIngest()
  // As a store does: what is there already, whoever brought it, is not stored twice.
  const ingest: Ingest = async (messages) => {
    const outcomes = await verifier.ingest(messages)
    return outcomes.map((outcome, at) => {
      const raw = messages[at]?.bytes ?? new Uint8Array(0)
      const duplicate = source.entries.some((entry) => Buffer.compare(entry.raw, raw) === 0)
      if (!duplicate) source.push({ raw, timestamp: decodeStreamMessage(raw).id.timestamp })
      return { ...outcome, duplicate }
    })
  }
  const open = () =>
    createMvdsNode({
      database,
      source,
      ingest,
      parts: () => parts,
      mode: () => mode,
      clock: { now: () => 0 },
      logger: quietLogger,
    })
  const side: Side = {
    name,
    mode,
    source,
    database,
    node: await open(),
    restart: async () => {
      side.node = await open()
    },
    held: () => source.entries.map(({ raw }) => hex(raw)).sort(),
  }
  return side
}

async function createPair(modes: [MvdsMode, MvdsMode]): Promise<[Side, Side]> {
  const pair: [Side, Side] = [await createSide('laptop', modes[0]), await createSide('server', modes[1])]
  await pair[0].node.addPeer('server', 'Server')
  await pair[1].node.addPeer('laptop', 'Laptop')
  return pair
}

/** As it would come over a wire. */
const carry = (payload: Payload) => fromBinary(PayloadSchema, toBinary(PayloadSchema, payload))

interface Sent {
  from: string
  payload: Payload
}

/** One epoch for both: each may say one thing, and everything that is not lost arrives. */
async function epoch([a, b]: [Side, Side], isLost: () => boolean = () => false): Promise<Sent[]> {
  const sent: Sent[] = []
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    await from.node.beginEpoch()
    const payload = await from.node.nextPayload(to.name)
    expect(await from.node.nextPayload(to.name)).toBeNull()
    if (payload === null) continue
    sent.push({ from: from.name, payload: carry(payload) })
    if (!isLost()) await to.node.receive(from.name, carry(payload))
  }
  return sent
}

async function untilQuiet(pair: [Side, Side], maxEpochs = 200, isLost?: () => boolean): Promise<Sent[]> {
  const all: Sent[] = []
  let quiet = 0
  for (let count = 0; quiet < 3; count += 1) {
    expect(count).toBeLessThan(maxEpochs)
    const sent = await epoch(pair, isLost)
    quiet = sent.length === 0 ? quiet + 1 : 0
    all.push(...sent)
  }
  return all
}

const kindsOf = ({ acks, offers, requests, messages }: Payload) =>
  Object.entries({ acks, offers, requests, messages }).flatMap(([kind, { length }]) =>
    length > 0 ? [`${kind} ${length}`] : [],
  )
const records = ({ database }: Side) => database.read<{ type: number }>('SELECT type FROM record')
const push = (side: Side, ...numbers: number[]) => side.source.push(...numbers.map((at) => author.sign(at)))

describe('MVDS in interactive mode', () => {
  it('offers, is asked, sends, and is thanked', async () => {
    const pair = await createPair(['interactive', 'interactive'])
    push(pair[0], 1)
    const sent = await untilQuiet(pair)
    expect(sent.map(({ from, payload }) => `${from}: ${kindsOf(payload)}`)).toEqual([
      'laptop: offers 1',
      'server: requests 1',
      'laptop: messages 1',
      'server: acks 1',
    ])
    expect(pair[1].held()).toEqual(pair[0].held())
  })

  it('is told at once that an offered message is there already', async () => {
    const pair = await createPair(['interactive', 'interactive'])
    push(pair[0], 1)
    push(pair[1], 1)
    const sent = await untilQuiet(pair)
    expect(sent.flatMap(({ payload }) => payload.messages)).toEqual([])
    expect(await records(pair[0])).toEqual([])
    expect(await records(pair[1])).toEqual([])
  })
})

describe('MVDS in batch mode', () => {
  it('sends, and is thanked', async () => {
    const pair = await createPair(['batch', 'interactive'])
    push(pair[0], 1, 2)
    const sent = await untilQuiet(pair)
    expect(sent.map(({ from, payload }) => `${from}: ${kindsOf(payload)}`)).toEqual([
      'laptop: messages 2',
      'server: acks 2',
    ])
    expect(pair[1].held()).toEqual(pair[0].held())
  })
})

describe.each(MVDS_MODES)('MVDS, mode %s', (mode) => {
  it('keeps no record when everything has been acknowledged', async () => {
    const pair = await createPair([mode, mode])
    push(pair[0], 1, 2, 3)
    push(pair[1], 3, 4)
    await untilQuiet(pair)
    expect(pair[0].held()).toEqual(pair[1].held())
    expect(await records(pair[0])).toEqual([])
    expect(await records(pair[1])).toEqual([])
  })

  it('does not send back what came from there', async () => {
    const pair = await createPair([mode, mode])
    push(pair[0], 1, 2, 3)
    const sent = await untilQuiet(pair)
    const back = sent
      .filter(({ from }) => from === 'server')
      .flatMap(({ payload }) => [...payload.offers, ...payload.messages])
    expect(back).toEqual([])
  })

  it('sends again what was lost, less and less often', async () => {
    const pair = await createPair([mode, mode])
    push(pair[0], 1)
    const epochs: number[] = []
    for (let count = 0; count < 40; count += 1) {
      const sent = await epoch(pair, () => true)
      if (sent.some(({ from }) => from === 'laptop')) epochs.push(count)
    }
    expect(epochs).toEqual([0, 4, 12, 28])
  })

  it('sends at once to a peer that is back', async () => {
    const pair = await createPair([mode, mode])
    push(pair[0], 1)
    for (let count = 0; count < 30; count += 1) await epoch(pair, () => true)
    await pair[0].node.wake('server')
    expect((await epoch(pair)).length).toBeGreaterThan(0)
    await untilQuiet(pair)
    expect(pair[1].held()).toEqual(pair[0].held())
  })

  it('brings two nodes together over any loss, any order, and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }),
        fc.array(
          fc.record({ loses: fc.boolean(), restarts: fc.integer({ min: 0, max: 5 }), late: fc.boolean() }),
          { maxLength: 30 },
        ),
        async (left, right, course) => {
          const pair = await createPair([mode, mode === 'batch' ? 'interactive' : mode])
          push(pair[0], ...new Set(left))
          push(pair[1], ...new Set(right))
          const late: Sent[] = []
          for (const { loses, restarts, late: isLate } of course) {
            const sent = await epoch(pair, () => loses)
            if (loses && isLate) late.push(...sent)
            if (restarts < 2) await pair[restarts]?.restart()
          }
          // What was believed lost comes after all, in another order, and twice.
          for (const { from, payload } of [...late.reverse(), ...late]) {
            await (from === 'laptop' ? pair[1] : pair[0]).node.receive(from, payload)
          }
          for (const side of pair) await side.node.wake(side === pair[0] ? 'server' : 'laptop')
          await untilQuiet(pair)
          expect(pair[0].held()).toEqual(pair[1].held())
          expect(new Set(pair[0].held()).size).toBe(new Set([...left, ...right]).size)
        },
      ),
      { numRuns: 15 },
    )
  }, 60_000)

  it('takes more of a long log up as the peer keeps pace', async () => {
    const pair = await createPair([mode, mode])
    push(pair[0], ...Array.from({ length: 3_000 }, (_, at) => at))
    const sent = await untilQuiet(pair, 60)
    expect(pair[1].source.entries).toHaveLength(3_000)
    for (const { payload } of sent) expect(payload.offers.length).toBeLessThanOrEqual(MAX_IDS_PER_PAYLOAD)
  })
})

describe('a node with paired peers', () => {
  it('remembers over a restart who is paired and what is to be sent', async () => {
    const pair = await createPair(['interactive', 'interactive'])
    push(pair[0], 1)
    await epoch(pair, () => true)
    await pair[0].restart()
    expect(await pair[0].node.peers()).toMatchObject([{ peer: 'server', label: 'Server' }])
    expect(await records(pair[0])).toEqual([{ type: 1 }])
    await untilQuiet(pair, 50)
    for (let count = 0; count < 6; count += 1) await epoch(pair)
    expect(pair[1].held()).toEqual(pair[0].held())
  })

  it('never keeps a record of an acknowledgement', async () => {
    const pair = await createPair(['batch', 'batch'])
    push(pair[0], 1)
    await epoch(pair, () => false)
    expect(await records(pair[1])).toEqual([])
  })

  it('acknowledges again what comes again', async () => {
    const pair = await createPair(['batch', 'batch'])
    const payload = create(PayloadSchema, { messages: [messageOf(1)] })
    for (let time = 0; time < 2; time += 1) {
      await pair[1].node.receive('laptop', payload)
      await pair[1].node.beginEpoch()
      expect((await pair[1].node.nextPayload('laptop'))?.acks.map(hex)).toEqual([hex(idOf(1))])
    }
    expect(pair[1].source.entries).toHaveLength(1)
  })

  it('neither stores nor acknowledges what is ephemeral', async () => {
    const pair = await createPair(['batch', 'batch'])
    const message = { ...messageOf(1), metadata: create(MetadataSchema, { ephemeral: true }) }
    await pair[1].node.receive('laptop', create(PayloadSchema, { messages: [message] }))
    await pair[1].node.beginEpoch()
    expect(await pair[1].node.nextPayload('laptop')).toBeNull()
    expect(pair[1].source.entries).toEqual([])
  })

  it('takes nothing of a stream it does not keep, and does not ask for it twice', async () => {
    const laptop = await createSide('laptop', 'interactive')
    const server = await createSide('server', 'interactive', ['another-stream#0'])
    await laptop.node.addPeer('server', '')
    await server.node.addPeer('laptop', '')
    push(laptop, 1)
    const sent: Sent[] = []
    for (let count = 0; count < 120; count += 1) sent.push(...(await epoch([laptop, server])))
    const requests = sent.flatMap(({ payload }) => payload.requests)
    expect(requests).toHaveLength(1)
    expect(server.source.entries).toEqual([])
    // Without an answer, sending ends and only offers are left.
    expect(sent.filter(({ payload }) => payload.messages.length > 0).length).toBeLessThanOrEqual(6)
  })

  it('gives up what retention has removed', async () => {
    const pair = await createPair(['interactive', 'interactive'])
    push(pair[0], 1, 2)
    await epoch(pair)
    const [, second] = pair[0].source.entries
    const left = second === undefined ? [] : [second]
    Object.assign(pair[0].source, {
      read: async (_part: string, position: number) => left.filter((entry) => entry.position > position),
    })
    for (let count = 0; count < 8; count += 1) await epoch(pair)
    expect(pair[1].source.entries).toHaveLength(1)
    expect(await records(pair[0])).toEqual([])
  })

  it('refuses payloads of those who are not paired', async () => {
    const pair = await createPair(['batch', 'batch'])
    expect(await rejectionCode(pair[0].node.receive('stranger', create(PayloadSchema)))).toBe('store-refused')
    expect(await pair[0].node.nextPayload('stranger')).toBeNull()
  })

  it('refuses payloads that are none', async () => {
    const pair = await createPair(['batch', 'batch'])
    const bad: Payload[] = [
      create(PayloadSchema, { acks: [new Uint8Array(31)] }),
      create(PayloadSchema, {
        offers: Array.from({ length: MAX_IDS_PER_PAYLOAD + 1 }, () => new Uint8Array(32)),
      }),
      create(PayloadSchema, { messages: [{ groupId: new Uint8Array(3) }] }),
    ]
    for (const payload of bad) {
      expect(await rejectionCode(pair[0].node.receive('server', payload))).toBe('message-unreadable')
    }
  })

  it('does not acknowledge what is no stream message', async () => {
    const pair = await createPair(['batch', 'batch'])
    await pair[1].node.receive(
      'laptop',
      create(PayloadSchema, { messages: [{ groupId: new Uint8Array(32), body: Buffer.from('x') }] }),
    )
    await pair[1].node.beginEpoch()
    expect(await pair[1].node.nextPayload('laptop')).toBeNull()
  })

  it('forgets a peer that is unpaired, with all that was to be sent', async () => {
    const pair = await createPair(['batch', 'batch'])
    push(pair[0], 1)
    await epoch(pair, () => true)
    await pair[0].node.removePeer('server')
    expect(await pair[0].node.peers()).toEqual([])
    expect(await records(pair[0])).toEqual([])
  })
})
