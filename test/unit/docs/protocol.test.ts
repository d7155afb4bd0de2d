import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fingerprintsOf, SUM_WORDS } from '../../../electron/node/gossip/reconcile/bucket-sums.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { compareMessages } from '../../../electron/node/message/order.ts'
import { examineMessage } from '../../../electron/node/provenance/examine.ts'
import { verifyProofFile } from '../../../electron/node/provenance/verify-proof.ts'
import { DigestSum } from '../../../electron/node/store/pyramid/fingerprint.ts'
import { bucketOf } from '../../../electron/node/store/pyramid/levels.ts'
import { PYRAMID_LEVELS_MS } from '../../../shared/chart.ts'
import { SIGNATURE_TYPES } from '../../../shared/message.ts'
import type { Proof } from '../../../shared/proof.ts'
import { VERDICT_REASONS, VERDICTS } from '../../../shared/verdict.ts'
import vectors from '../../fixtures/protocol-vectors.json' with { type: 'json' }
import { ethereumSigner, payloadOf, sha256, sumOf, wireFingerprint } from './by-the-document.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const page = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')
const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8')
const proofText = fixture('proof')
const rangeText = fixture('proof-range')
const firstVersionText = fixture('proof-version-1')

/** The root of a tree as docs/PROTOCOL.md describes it, from its chosen leaves and the hashes beside them. */
function rootFrom(chosen: ReadonlyMap<number, string>, leaves: number, hashes: string[], from = 0): string {
  const isChosen = [...chosen.keys()].some((leaf) => leaf >= from && leaf < from + leaves)
  if (!isChosen) return hashes.shift() ?? ''
  if (leaves === 1) return sha256(Buffer.from(`00${chosen.get(from)}`, 'hex'))
  const left = 2 ** Math.ceil(Math.log2(leaves) - 1)
  const leftRoot = rootFrom(chosen, left, hashes, from)
  return sha256(Buffer.from(`01${leftRoot}${rootFrom(chosen, leaves - left, hashes, from + left)}`, 'hex'))
}

/** Rows of the page's tables that begin with a code in the first cell, `| 3 | `forged` | …`. */
function codeTable(section: string): string[][] {
  const start = page.indexOf(section)
  const rows = page
    .slice(start)
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
  const first = rows.findIndex(([code]) => code === '0')
  const length = rows.slice(first).findIndex((cells) => cells.length === 0)
  return rows.slice(first, first + length)
}

describe('a message of the vectors', () => {
  it.each(vectors.messages)('$name: reads, digests and checks as stated', (vector) => {
    const raw = Buffer.from(vector.raw, 'hex')
    const { decoded, payload, digest, signature, signer } = examineMessage(raw)
    expect(decoded.id).toEqual(vector.id)
    expect(decoded.previous ?? null).toEqual(vector.previous)
    expect(decoded.signatureType).toBe(vector.signatureType)
    expect(hex(payload)).toBe(vector.payload)
    expect(hex(digest)).toBe(vector.digest)
    expect({ signature, signer }).toEqual({ signature: vector.check, signer: vector.signer })
    expect(hex(encodeStreamMessage(decoded))).toBe(vector.raw)
  })

  it.each(vectors.messages)('$name: has the payload and digest that the page describes', (vector) => {
    const payload = payloadOf(vector)
    expect(hex(payload)).toBe(vector.payload)
    expect(sha256(payload)).toBe(vector.digest)
  })

  it.each(
    vectors.messages.filter(({ signatureType, check }) => signatureType < 3 && check !== 'signature-high-s'),
  )('$name: has the signer that another library finds', ({ payload, signature, signer }) => {
    expect(ethereumSigner(Buffer.from(payload, 'hex'), signature)).toBe(signer)
  })

  it('is one of each signature type and each body', () => {
    expect(new Set(vectors.messages.map(({ signatureType }) => signatureType)).size).toBe(
      SIGNATURE_TYPES.length,
    )
    expect(new Set(vectors.messages.map(({ body }) => body.kind)).size).toBe(3)
  })

  it.each(vectors.refused)('$name: is refused as $reason', ({ raw, reason }) => {
    const decode = () => decodeStreamMessage(Buffer.from(raw, 'hex'))
    expect(decode).toThrow(expect.objectContaining({ name: 'MessageRefused', reason }))
  })
})

describe('the order of messages', () => {
  const entries = vectors.order.map(({ id, digest }) => ({ id, digest: Buffer.from(digest, 'hex') }))

  it('is that of the vectors, from whatever order they come in', () => {
    expect(entries.toReversed().sort(compareMessages)).toEqual(entries)
    expect(entries.toSorted((a, b) => a.id.chain.length - b.id.chain.length).sort(compareMessages)).toEqual(
      entries,
    )
  })
})

describe('codes', () => {
  it('of verdicts stand on the page as in the code', () => {
    const stated = codeTable('## Verdicts').map(([code, name]) => [code, name])
    expect(stated).toEqual(VERDICTS.map((name, code) => [String(code), name]))
  })

  it('of reasons stand on the page as in the code', () => {
    const stated = codeTable('| code | reason | verdict |').map(([code, name]) => [code, name])
    expect(stated).toEqual(VERDICT_REASONS.map((name, code) => [String(code), name]))
  })

  it('of signature types stand on the page as in the code', () => {
    const stated = codeTable('### Signatures').map(([code, name]) => [code, name])
    expect(stated).toEqual(SIGNATURE_TYPES.map((name, code) => [String(code), name]))
  })
})

describe('the pyramid', () => {
  it.each(vectors.buckets)('puts $timestamp into the stated buckets', ({ timestamp, buckets }) => {
    expect(PYRAMID_LEVELS_MS.map((_, level) => bucketOf(timestamp, level))).toEqual(buckets)
    expect(PYRAMID_LEVELS_MS.map((level) => Math.floor(timestamp / level))).toEqual(buckets)
  })

  const { digests, sum, count, nonce, wire } = vectors.fingerprint

  it('adds digests to the stated sum, in any order', () => {
    for (const order of [digests, digests.toReversed()]) {
      const total = new DigestSum()
      for (const digest of order) total.addDigest(Buffer.from(digest, 'hex'), 1)
      expect(hex(total.toBytes())).toBe(sum)
    }
    expect(sumOf(digests)).toBe(sum)
  })

  it('hashes sum and count under a nonce as stated', () => {
    const bytes = Buffer.from(sum, 'hex')
    const words = Uint32Array.from({ length: SUM_WORDS }, (_, word) => bytes.readUInt32LE(word * 4))
    const sums = { counts: Float64Array.of(count), words }
    expect(hex(fingerprintsOf(sums, Buffer.from(nonce, 'hex')))).toBe(wire)
    expect(wireFingerprint(nonce, sum, count)).toBe(wire)
  })
})

describe('the proof of the fixtures', () => {
  const { bodyDigest, signature, ...body } = JSON.parse(proofText) as Proof

  it('is good', () => {
    expect(verifyProofFile(Buffer.from(proofText))).toMatchObject({ outcome: 'good' })
  })

  it('has the body digest and the message digest that the page describes', () => {
    expect(sha256(JSON.stringify(body))).toBe(bodyDigest)
    for (const { raw, digest, signature: signed } of body.messages) {
      const { payload } = examineMessage(Buffer.from(raw, 'base64'))
      expect(sha256(payload)).toBe(digest)
      expect(ethereumSigner(payload, signed.value)).toBe(signed.signer)
    }
    const statement = Buffer.from(`{"kind":"tidemark-proof","version":2,"bodyDigest":"${bodyDigest}"}`)
    expect(ethereumSigner(statement, signature)).toBe(body.made.by)
  })

  it('is good without white space, and altered in any other form', () => {
    const compact = JSON.stringify({ ...body, bodyDigest, signature })
    const { kind, ...behind } = { ...body, bodyDigest, signature }
    const outcomeOf = (text: string) => verifyProofFile(Buffer.from(text)).outcome
    expect(outcomeOf(compact)).toBe('good')
    expect(outcomeOf(JSON.stringify({ ...behind, kind }))).toBe('not-good')
    expect(outcomeOf(compact.replace('"version":2', '"version":2,"version":2'))).toBe('not-good')
    expect(outcomeOf(compact.replace('"version":2', '"version":2.0'))).toBe('not-good')
    expect(outcomeOf(compact.replace('"version":2', '"version":3'))).toBe('not-readable')
  })

  it('leads to the stated root by the hash of a leaf and the hashes beside it, read a second way', () => {
    for (const text of [proofText, rangeText]) {
      const { range, messages } = JSON.parse(text) as Proof
      if (range === null) throw new Error('the fixture names no range')
      const leaves = new Map(messages.map(({ leaf, digest }) => [leaf ?? 0, digest]))
      expect(rootFrom(leaves, range.leaves, [...range.hashes])).toBe(range.root)
      expect(verifyProofFile(Buffer.from(text)).outcome).toBe('good')
    }
  })

  it('of version 1 is good as well', () => {
    expect(verifyProofFile(Buffer.from(firstVersionText))).toMatchObject({ outcome: 'good' })
  })

  it('is not good with any digit of its signature changed', () => {
    const { value } = body.messages[0]?.signature ?? { value: '' }
    for (let at = 0; at < value.length; at += 16) {
      const digit = value[at] === '0' ? '1' : '0'
      const changed = proofText.replace(value, value.slice(0, at) + digit + value.slice(at + 1))
      expect(verifyProofFile(Buffer.from(changed)).outcome).toBe('not-good')
    }
  })
})
