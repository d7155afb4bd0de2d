// Writes test/fixtures/gossip-vectors.json anew, for docs/PROTOCOL.md. Run by hand when the wire grows:
// node test/support/make-gossip-vectors.ts. The same inputs give the same file, but for the signatures of the vouch.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Wallet } from 'ethers'
import { coverageTopic, encodeCoverage } from '../../electron/node/gossip/announcements/coverage.ts'
import { makeVouch } from '../../electron/node/gossip/peers/vouch.ts'
import { gridFor } from '../../electron/node/gossip/reconcile/bucket-grid.ts'
import { encodeFrame, type Frame } from '../../electron/node/gossip/reconcile/frames.ts'
import { CellEncoder } from '../../electron/node/gossip/riblt/cell-encoder.ts'
import { encodeCells } from '../../electron/node/gossip/riblt/cells.ts'
import { encodeGolombSet } from '../../electron/node/gossip/riblt/golomb-set.ts'
import { DIGEST_PREFIX_BYTES, sessionKey, shortIds } from '../../electron/node/gossip/riblt/short-ids.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

const nonces = { asker: filled(16, 1), answerer: filled(16, 2) }
const key = sessionKey(nonces.asker, nonces.answerer)
const digests = Array.from({ length: 12 }, (_, n) => createHash('sha256').update(`message ${n}`).digest())
const prefixes = Buffer.concat(digests.map((digest) => digest.subarray(0, DIGEST_PREFIX_BYTES)))
const ids = shortIds(key, prefixes)
const idHex = (at: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(ids.low[at] ?? 0, 0)
  bytes.writeUInt32LE(ids.high[at] ?? 0, 4)
  return hex(bytes)
}

const part = '0xaa00000000000000000000000000000000000001/fleet#3'
const start = 1_700_000_000_000
const frames: Frame[] = [
  {
    kind: 'opening',
    part,
    start,
    widthMs: 10_000,
    nonce: nonces.asker,
    counts: Float64Array.of(3, 0, 300),
    fingerprints: filled(12, 7),
  },
  {
    kind: 'differences',
    nonce: nonces.answerer,
    differing: Uint8Array.of(0b101),
    counts: Float64Array.of(2, 310),
    cells: 64,
    listed: 0,
    healing: 1,
  },
  { kind: 'cells', cells: encodeCells(new CellEncoder(ids).extendTo(8)) },
  { kind: 'more', total: 96 },
  { kind: 'listRequest' },
  { kind: 'list', ...encodeGolombSet(ids, 32) },
  {
    kind: 'want',
    whole: Uint8Array.of(0b10),
    ...(({ count, bits, bytes }) => ({ count, bits, names: bytes }))(encodeGolombSet(ids, 10)),
    positions: new Uint8Array(0),
  },
  { kind: 'messages', raw: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)] },
  { kind: 'end', count: 2 },
  { kind: 'receipt', stored: 2, refused: 0 },
  { kind: 'refusal', code: 3 },
]

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return hex(value)
  if (value instanceof Float64Array) return [...value]
  return Array.isArray(value) ? value.map(plain) : value
}

const ranges = [
  [start, start + 3_600_000],
  [start + 17, start + 18],
  [start, start + 31_536_000_000],
  [1_699_999_999_999, 1_700_000_512_345],
] as const
const coverage = {
  part,
  grid: gridFor(start, start + 600_000, 64),
  counts: Float64Array.from({ length: gridFor(start, start + 600_000, 64).buckets }, (_, at) => at * 40),
  at: start + 700_000,
  addresses: [Uint8Array.of(4, 127, 0, 0, 1, 6, 15, 161)],
}
const peerKey = await generateKeyPair('Ed25519')
const wallet = Wallet.createRandom()

const vectors = {
  grids: ranges.flatMap(([from, to]) =>
    [256, 64].map((target) => ({ from, to, target, ...gridFor(from, to, target) })),
  ),
  topic: { part, topic: coverageTopic(part) },
  coverage: {
    bytes: hex(encodeCoverage(coverage)),
    start: coverage.grid.start,
    counts: [...coverage.counts],
  },
  vouch: {
    peerId: peerIdFromPrivateKey(peerKey).toString(),
    address: wallet.address.toLowerCase(),
    bytes: hex(
      await makeVouch(peerKey, { address: wallet.address, signMessage: (text) => wallet.signMessage(text) }),
    ),
  },
  session: {
    askerNonce: hex(nonces.asker),
    answererNonce: hex(nonces.answerer),
    ids: digests.map((digest, at) => ({ digest: hex(digest), id: idHex(at) })),
    /** The first 40 cells of the sketch of these ids. */
    cells: hex(encodeCells(new CellEncoder(ids).extendTo(40))),
    sets: [32, 10, 1].map((bits) => ({ bits, bytes: hex(encodeGolombSet(ids, bits).bytes) })),
  },
  frames: frames.map((frame) => ({
    kind: frame.kind,
    fields: Object.fromEntries(
      Object.entries(frame)
        .filter(([name]) => name !== 'kind')
        .map(([name, value]) => [name, plain(value)]),
    ),
    bytes: hex(encodeFrame(frame)),
  })),
}

const file = fileURLToPath(new URL('../fixtures/gossip-vectors.json', import.meta.url))
await writeFile(file, `${JSON.stringify(vectors, null, 2)}\n`)
