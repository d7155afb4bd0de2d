import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { verifyMessage } from 'ethers'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { coverageTopic, decodeCoverage } from '../../../electron/node/gossip/announcements/coverage.ts'
import { checkVouch } from '../../../electron/node/gossip/peers/vouch.ts'
import { gridFor } from '../../../electron/node/gossip/reconcile/bucket-grid.ts'
import { decodeFrame, encodeFrame } from '../../../electron/node/gossip/reconcile/frames.ts'
import { decodeGolombSet } from '../../../electron/node/gossip/riblt/golomb-set.ts'
import { sessionKey, shortIds } from '../../../electron/node/gossip/riblt/short-ids.ts'
import vectors from '../../fixtures/gossip-vectors.json' with { type: 'json' }
import { codedSet, grid, shortId, sketch } from './gossip-by-the-document.ts'

const page = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')
const proto = /```proto\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
const { root } = protobuf.parse(proto, { keepCase: false })
const bytesOf = (hex: string) => Buffer.from(hex, 'hex')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const { session } = vectors
const askerNonce = bytesOf(session.askerNonce)
const answererNonce = bytesOf(session.answererNonce)
const ids = session.ids.map(({ digest }) => shortId(askerNonce, answererNonce, bytesOf(digest)))

/** As the page's own schema reads it, by another library; bytes as base64, numbers as numbers. */
function readBySchema(type: string, bytes: Buffer): Record<string, unknown> {
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), {
    longs: Number,
    bytes: String,
    defaults: true,
    arrays: true,
  })
}

const base64 = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(base64)
    : typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value)
      ? bytesOf(value).toString('base64')
      : value

describe('a frame of the gossip vectors', () => {
  it.each(vectors.frames)('$kind: is written and read as stated', ({ kind, fields, bytes }) => {
    const frame = decodeFrame(bytesOf(bytes))
    expect(frame.kind).toBe(kind)
    expect(hex(encodeFrame(frame))).toBe(bytes)
    const read = Object.entries(frame).map(([name, value]) => [
      name,
      value instanceof Uint8Array
        ? hex(value)
        : value instanceof Float64Array
          ? [...value]
          : Array.isArray(value)
            ? value.map((item: Uint8Array) => hex(item))
            : value,
    ])
    expect(Object.fromEntries(read)).toEqual({ kind, ...fields })
  })

  it.each(vectors.frames)('$kind: is what the page’s own schema says of it', ({ kind, fields, bytes }) => {
    const read = readBySchema('Frame', bytesOf(bytes))
    expect(read[kind]).toEqual(Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, base64(v)])))
  })
})

describe('what gossip computes', () => {
  it.each(vectors.grids)('a grid from $from to $to with at most $target buckets', (vector) => {
    const { from, to, target, start, widthMs, buckets } = vector
    expect(grid(from, to, target)).toEqual({ start, widthMs, buckets })
    expect(gridFor(from, to, target)).toMatchObject({ start, widthMs, buckets })
  })

  it('short ids are SipHash-2-4 under a key of both nonces', () => {
    expect(ids.map((id) => Buffer.from(new BigUint64Array([id]).buffer).toString('hex'))).toEqual(
      session.ids.map(({ id }) => id),
    )
    const prefixes = Buffer.concat(session.ids.map(({ digest }) => bytesOf(digest).subarray(0, 16)))
    const own = shortIds(sessionKey(askerNonce, answererNonce), prefixes)
    expect([...own.low].map((low, at) => (BigInt(own.high[at] ?? 0) << 32n) | BigInt(low))).toEqual(ids)
  })

  it('a sketch has the cells that the page describes', () => {
    expect(hex(sketch(ids, 40))).toBe(session.cells)
  })

  it.each(session.sets)('a coded set with $bits bits is that of the page', ({ bits, bytes }) => {
    expect(hex(codedSet(ids, bits))).toBe(bytes)
    expect(decodeGolombSet({ count: ids.length, bits, bytes: bytesOf(bytes) })).toHaveLength(ids.length)
  })

  it('the topic of a part is the hash of its name', () => {
    const { part, topic } = vectors.topic
    expect(topic).toBe(`/tidemark/coverage/1/${createHash('sha256').update(part).digest('base64url')}`)
    expect(coverageTopic(part)).toBe(topic)
  })

  it('an announcement says what its vector says', () => {
    const { bytes, start, counts } = vectors.coverage
    const read = decodeCoverage(bytesOf(bytes))
    expect([read.grid.start, [...read.counts]]).toEqual([start, counts])
    expect(readBySchema('Coverage', bytesOf(bytes))).toMatchObject({ part: read.part, start, counts })
  })

  it('a vouch is signed by both keys over the text of the page', async () => {
    const { peerId, address, bytes } = vectors.vouch
    const vouch = readBySchema('Vouch', bytesOf(bytes)) as Record<string, string>
    const text = `Tidemark node\nlibp2p peer: ${peerId}\nStreamr address: ${address}\n`
    const publicKey = publicKeyFromProtobuf(Buffer.from(vouch.publicKey ?? '', 'base64'))
    expect(peerIdFromPublicKey(publicKey).toString()).toBe(peerId)
    const peerSignature = Buffer.from(vouch.peerSignature ?? '', 'base64')
    expect(await publicKey.verify(Buffer.from(text), peerSignature)).toBe(true)
    const addressSignature = Buffer.from(vouch.addressSignature ?? '', 'base64')
    expect(verifyMessage(text, `0x${hex(addressSignature)}`).toLowerCase()).toBe(address)
    expect(await checkVouch(bytesOf(bytes), peerIdFromPublicKey(publicKey))).toEqual({ peerId, address })
  })
})
