import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { PeerFault } from '../../../../electron/node/gossip/peer-fault.ts'
import { answerPeer } from '../../../../electron/node/gossip/reconcile/answerer.ts'
import { askPeer, type ReconcileReport } from '../../../../electron/node/gossip/reconcile/asker.ts'
import { joinPrefixes } from '../../../../electron/node/gossip/reconcile/digest-columns.ts'
import { DigestSet } from '../../../../electron/node/gossip/reconcile/digest-set.ts'
import { createDigestSets } from '../../../../electron/node/gossip/reconcile/digest-sets.ts'
import { FrameChannel } from '../../../../electron/node/gossip/reconcile/frame-channel.ts'
import type { Frame, FrameOf } from '../../../../electron/node/gossip/reconcile/frames.ts'
import { CellEncoder } from '../../../../electron/node/gossip/riblt/cell-encoder.ts'
import { cellsSizeBytes, encodeCells } from '../../../../electron/node/gossip/riblt/cells.ts'
import { sessionKey } from '../../../../electron/node/gossip/riblt/short-ids.ts'
import type { StoredMessage } from '../../../../electron/node/ports.ts'
import { MemoryStore, storedMessage, testMessage } from '../memory-store.ts'
import { streamPair } from '../stream-pair.ts'

const PART = '0xaa/load#0'
const START = 1_700_000_000_000
const RANGE_MS = 250_000
const sets = createDigestSets()

const nobody = async () => ({ stored: 0, refused: 0 })

const raw = (second: number, part = PART): Uint8Array => testMessage(part, START + second * 1_000)
const seconds = (from: number, to: number): StoredMessage[] =>
  Array.from({ length: to - from }, (_, index) => storedMessage(raw(from + index)))

/** Differences that claim to hold `count` messages in each of the given buckets (of one second). */
function claim(buckets: readonly number[], count: number, cells = 0): FrameOf<'differences'> {
  const differing = new Uint8Array(32)
  for (const bucket of buckets) differing[bucket >> 3] = (differing[bucket >> 3] ?? 0) | (1 << (bucket & 7))
  return {
    kind: 'differences',
    nonce: randomBytes(16),
    differing,
    counts: Float64Array.from(buckets, () => count),
    cells,
    listed: 0,
    healing: 0,
  }
}

function digestSetOf(
  messages: readonly StoredMessage[],
  askerNonce: Uint8Array,
  nonce: Uint8Array,
): DigestSet {
  const columns = joinPrefixes([
    {
      timestamps: Float64Array.from(messages, ({ id }) => id.timestamp),
      digests: Buffer.concat(messages.map(({ digest }) => digest)),
    },
  ])
  return new DigestSet(sessionKey(askerNonce, nonce), [columns])
}

/** Lets this node ask a peer that does as `script` says. */
async function ask(
  script: (channel: FrameChannel) => Promise<void>,
  own: readonly StoredMessage[] = [],
): Promise<ReconcileReport> {
  const [here, there] = streamPair()
  const { signal } = new AbortController()
  const peer = new FrameChannel({ stream: there, frameTimeoutMs: 2_000, sessionTimeoutMs: 4_000, signal })
  const scripted = script(peer).catch((error: unknown) => {
    // What the script can no longer send once the asker has broken off is no part of the test.
    if (!(error instanceof PeerFault)) throw error
  })
  const channel = new FrameChannel({ stream: here, frameTimeoutMs: 200, sessionTimeoutMs: 4_000, signal })
  const report = await askPeer({
    channel,
    store: new MemoryStore(own),
    sets,
    part: PART,
    from: START,
    to: START + RANGE_MS,
    accept: async () => undefined,
    heal: true,
    signal,
  })
  channel.abort(new Error('over'))
  await scripted
  return report
}

/** A peer that claims one whole bucket and answers what it is asked for with these frames. */
const sending =
  (...frames: Frame[]) =>
  async (channel: FrameChannel): Promise<void> => {
    await channel.expect('opening')
    await channel.send(claim([5], 3))
    await channel.expect('want')
    for (const frame of frames) await channel.send(frame)
  }

const messages = (...all: Uint8Array[]): Frame => ({ kind: 'messages', raw: all })
const bucket5 = (offsetMs: number): Uint8Array => testMessage(PART, START + 5_000 + offsetMs)

describe('an answering peer that lies', () => {
  it.each<[what: string, code: string, frames: Frame[]]>([
    ['sends a message of another stream part', 'foreign', [messages(raw(5, '0xaa/other#0'))]],
    ['sends a message of another time', 'foreign', [messages(testMessage(PART, START - 900_000))]],
    ['sends a message nobody asked for', 'unasked', [messages(raw(7))]],
    ['sends a message twice', 'duplicate', [messages(bucket5(1), bucket5(1))]],
    ['sends messages out of order', 'unordered', [messages(bucket5(2)), messages(bucket5(1))]],
    ['sends what is no message', 'malformed', [messages(Uint8Array.of(1, 2, 3))]],
    ['sends frames without messages', 'malformed', [messages()]],
    [
      'sends more than it said it has',
      'endless',
      [messages(...Array.from({ length: 90 }, (_, ms) => bucket5(ms)))],
    ],
    ['keeps back what it said it has', 'withheld', [messages(bucket5(1)), { kind: 'end', count: 1 }]],
    ['stops in the middle', 'late', [messages(bucket5(1))]],
    ['sends a frame that is not due', 'unexpected', [{ kind: 'more', total: 3 }]],
  ])('%s: %s', async (_, code, frames) => {
    const report = await ask(sending(...frames))
    expect(report.outcome).toBe('failed')
    expect(report.fault?.code).toBe(code)
  })

  it('is named when it says that it differs and does not', async () => {
    const own = seconds(0, 20)
    const report = await ask(async (channel) => {
      const opening = await channel.expect('opening')
      const store = new MemoryStore(own)
      const [left, right] = streamPair()
      const { signal } = new AbortController()
      const timeouts = { frameTimeoutMs: 2_000, sessionTimeoutMs: 4_000, signal }
      // An honest answer to an opening with false fingerprints is what a peer with false fingerprints sends.
      const toHonest = new FrameChannel({ stream: left, ...timeouts })
      const honest = answerPeer({
        channel: new FrameChannel({ stream: right, ...timeouts }),
        store,
        sets,
        isShared: () => true,
        isHealing: () => false,
        heal: nobody,
        signal,
      })
      await toHonest.send({ ...opening, fingerprints: randomBytes(opening.fingerprints.length) })
      await channel.send(await toHonest.expect('differences'))
      await channel.send(await toHonest.expect('cells', 'list'))
      await toHonest.close()
      await honest
    }, own)
    expect(report).toMatchObject({ outcome: 'complete', lacking: 0, suspicions: ['fingerprint-false'] })
  })

  it('costs a list and no more with a sketch that never decodes, and is named', async () => {
    const own = seconds(0, 200)
    let sketchBytes = 0
    const report = await ask(async (channel) => {
      const { nonce } = await channel.expect('opening')
      const differences = claim([...own.keys()], 40, 64)
      await channel.send(differences)
      let cells = 0
      for (let total = 64; ; ) {
        sketchBytes += cellsSizeBytes(cells, total)
        await channel.send({ kind: 'cells', cells: randomBytes(cellsSizeBytes(cells, total)) })
        cells = total
        const next = await channel.expect('more', 'listRequest')
        if (next.kind === 'listRequest') break
        total = next.total
      }
      await channel.send({ kind: 'list', ...digestSetOf(own, nonce, differences.nonce).list(32) })
    }, own)
    expect(sketchBytes).toBeLessThan(200 * 40 * 4.2)
    expect(report).toMatchObject({
      outcome: 'complete',
      suspicions: ['sketch-undecodable', 'fingerprint-false'],
    })
  })

  it('costs a list and no more with a sketch that contradicts itself, and is named', async () => {
    const own = seconds(0, 200)
    const report = await ask(async (channel) => {
      const { nonce } = await channel.expect('opening')
      const differences = claim([...own.keys()], 1, 64)
      await channel.send(differences)
      const set = digestSetOf(own, nonce, differences.nonce)
      const cells = set.cellsTo(64)
      const stranger = new CellEncoder({ low: Uint32Array.of(1), high: Uint32Array.of(2) }).extendTo(64)
      const strange = encodeCells(stranger)
      for (const byte of cells.keys()) {
        // Ids and checks as if the stranger were in the set, counts as if it had been taken out of it.
        const isCount = byte >= 64 * 12
        cells[byte] = isCount
          ? (cells[byte] ?? 0) - (strange[byte] ?? 0)
          : (cells[byte] ?? 0) ^ (strange[byte] ?? 0)
      }
      await channel.send({ kind: 'cells', cells })
      await channel.expect('listRequest')
      await channel.send({ kind: 'list', ...set.list(32) })
    }, own)
    expect(report).toMatchObject({ outcome: 'complete', suspicions: ['sketch-invalid', 'fingerprint-false'] })
  })

  it.each<[what: string, answer: (opening: FrameOf<'opening'>) => Frame]>([
    ['with fewer counts than buckets', () => ({ ...claim([1, 2], 3), counts: Float64Array.of(3) })],
    ['with a short nonce', () => ({ ...claim([1], 3), nonce: randomBytes(15) })],
    ['with a bucket of which nobody has anything', () => claim([1], 0)],
    ['with neither cells nor a list', () => claim([0], 9)],
  ])('answers %s and is broken off', async (_, answer) => {
    const report = await ask(
      async (channel) => {
        await channel.send(answer(await channel.expect('opening')))
        await channel.receive()
      },
      seconds(0, 1),
    )
    expect(report.fault?.code).toBe('malformed')
  })

  it('is not believed a set larger than one session takes', async () => {
    const report = await ask(
      async (channel) => {
        await channel.expect('opening')
        await channel.send(claim([0], Number.MAX_SAFE_INTEGER, 64))
        await channel.receive()
      },
      seconds(0, 1),
    )
    expect(report).toMatchObject({ outcome: 'split', fault: null })
  })
})

/** Lets a peer that does as `script` says ask this node. */
async function answer(
  script: (channel: FrameChannel) => Promise<void>,
  options: { heals?: boolean } = {},
): Promise<string> {
  const [here, there] = streamPair()
  const { signal } = new AbortController()
  const peer = new FrameChannel({ stream: there, frameTimeoutMs: 2_000, sessionTimeoutMs: 4_000, signal })
  const scripted = script(peer)
    .catch((error: unknown) => {
      if (!(error instanceof PeerFault)) throw error
    })
    .then(() => peer.close())
  const channel = new FrameChannel({ stream: here, frameTimeoutMs: 200, sessionTimeoutMs: 4_000, signal })
  try {
    await answerPeer({
      channel,
      store: new MemoryStore(seconds(0, 30)),
      sets,
      isShared: () => true,
      isHealing: () => options.heals === true,
      heal: nobody,
      signal,
    })
    return 'none'
  } catch (error) {
    return error instanceof PeerFault ? error.code : String(error)
  } finally {
    channel.abort(new Error('over'))
    await scripted
  }
}

const opening = (overrides: Partial<FrameOf<'opening'>> = {}): FrameOf<'opening'> => ({
  kind: 'opening',
  part: PART,
  start: START,
  widthMs: 1_000,
  nonce: randomBytes(16),
  counts: Float64Array.from({ length: 30 }, () => 1),
  fingerprints: randomBytes(180),
  ...overrides,
})

describe('an asking peer that lies', () => {
  it.each<[what: string, frame: Frame]>([
    ['buckets that are not the pyramid’s', opening({ widthMs: 1_500 })],
    ['buckets that begin anywhere', opening({ start: START + 1 })],
    ['no buckets', opening({ counts: new Float64Array(0), fingerprints: new Uint8Array(0) })],
    ['fewer fingerprints than buckets', opening({ fingerprints: randomBytes(174) })],
    ['a short nonce', opening({ nonce: randomBytes(8) })],
  ])('opens with %s and is broken off', async (_, frame) => {
    expect(await answer((channel) => channel.send(frame))).toBe('malformed')
  })

  it.each<[what: string, code: string, frames: Frame[], heals: boolean]>([
    ['asks for fewer cells than it has', 'unexpected', [{ kind: 'more', total: 3 }], false],
    ['asks for the list twice', 'unexpected', [{ kind: 'listRequest' }, { kind: 'listRequest' }], false],
    ['sends messages where none are wanted', 'unexpected', [messages(raw(3))], false],
    ['sends messages of another part', 'foreign', [messages(raw(3, '0xaa/other#0'))], true],
    [
      'sends more messages than it has',
      'endless',
      [messages(...Array.from({ length: 31 }, (_, ms) => bucket5(ms)))],
      true,
    ],
    [
      'names messages with a set that is none',
      'malformed',
      [
        {
          kind: 'want',
          whole: new Uint8Array(0),
          count: 9,
          bits: 8,
          names: Uint8Array.of(1),
          positions: new Uint8Array(0),
        },
      ],
      false,
    ],
    [
      'names messages twice',
      'unexpected',
      Array.from({ length: 2 }, () => ({
        kind: 'want' as const,
        whole: new Uint8Array(0),
        count: 0,
        bits: 0,
        names: new Uint8Array(0),
        positions: new Uint8Array(0),
      })),
      false,
    ],
  ])('%s: %s', async (_, code, frames, heals) => {
    const fault = await answer(
      async (channel) => {
        await channel.send(opening())
        for (const frame of frames) await channel.send(frame)
        while ((await channel.receive()) !== undefined);
      },
      { heals },
    )
    expect(fault).toBe(code)
  })

  it('that opens and stalls costs its deadline', async () => {
    const fault = await answer(async (channel) => {
      await channel.send(opening())
      while ((await channel.receive()) !== undefined);
    })
    expect(fault).toBe('late')
  })
})
