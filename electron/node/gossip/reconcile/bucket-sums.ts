import { createHash } from 'node:crypto'
import { DIGEST_BYTES } from '../../message/content-digest.ts'
import { FINGERPRINT_BYTES } from '../limits.ts'
import type { FingerprintColumns } from '../ports.ts'
import { type BucketGrid, bucketIndex } from './bucket-grid.ts'

const CONTEXT = 'tidemark/reconcile/1 fingerprint'
/** A sum of digests has eight 32-bit words, the lowest first. */
export const SUM_WORDS = DIGEST_BYTES / 4
const WORD_RANGE = 4_294_967_296

/** Count and digest sum of every bucket of a grid, empty ones included. */
export interface BucketSums {
  readonly counts: Float64Array
  /** Sums modulo 2^256, eight little-endian words each. */
  readonly words: Uint32Array
}

/** Adds pyramid buckets up to those of a grid. Rows outside of it are left out. */
export function sumsOf(grid: BucketGrid, rows: FingerprintColumns): BucketSums {
  const counts = new Float64Array(grid.buckets)
  const words = new Uint32Array(grid.buckets * SUM_WORDS)
  for (let row = 0; row < rows.starts.length; row++) {
    const bucket = bucketIndex(grid, rows.starts[row] ?? 0)
    if (bucket < 0 || bucket >= grid.buckets) continue
    counts[bucket] = (counts[bucket] ?? 0) + (rows.counts[row] ?? 0)
    addDigest(words, bucket * SUM_WORDS, rows.sums, row * DIGEST_BYTES)
  }
  return { counts, words }
}

/** Adds the digest, or sum of digests, that begins at byte `offset` to the sum that begins at word `at`. */
export function addDigest(words: Uint32Array, at: number, bytes: Uint8Array, offset: number): void {
  let carry = 0
  for (let word = 0; word < SUM_WORDS; word++) {
    const from = offset + word * 4
    const low = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8) | ((bytes[from + 2] ?? 0) << 16)
    const sum = (words[at + word] ?? 0) + ((low | ((bytes[from + 3] ?? 0) << 24)) >>> 0) + carry
    carry = sum >= WORD_RANGE ? 1 : 0
    words[at + word] = sum
  }
}

/** The sum that begins at word `at`, as 32 little-endian bytes. */
export function digestSumBytes(words: Uint32Array, at: number): Uint8Array {
  const bytes = Buffer.alloc(DIGEST_BYTES)
  for (let word = 0; word < SUM_WORDS; word++) bytes.writeUInt32LE(words[at + word] ?? 0, word * 4)
  return bytes
}

/**
 * The fingerprints of the buckets that are not empty, back to back: the first 6 bytes of SHA-256(context, asker's
 * nonce, sum as 32 little-endian bytes, count as 8). The nonce keeps anybody from preparing messages that go
 * unnoticed under these few bytes.
 */
export function fingerprintsOf(sums: BucketSums, nonce: Uint8Array): Uint8Array {
  const fingerprints: Uint8Array[] = []
  const countBytes = Buffer.alloc(8)
  for (const [bucket, count] of sums.counts.entries()) {
    if (count === 0) continue
    countBytes.writeBigUInt64LE(BigInt(count))
    const sum = digestSumBytes(sums.words, bucket * SUM_WORDS)
    const hash = createHash('sha256').update(CONTEXT).update(nonce).update(sum).update(countBytes).digest()
    fingerprints.push(hash.subarray(0, FINGERPRINT_BYTES))
  }
  return Buffer.concat(fingerprints)
}

/** The fingerprint of each bucket, or `undefined` for an empty one. */
export function fingerprintsByBucket(
  counts: Float64Array,
  fingerprints: Uint8Array,
): (Uint8Array | undefined)[] {
  let at = 0
  return Array.from(counts, (count) => {
    if (count === 0) return undefined
    at += FINGERPRINT_BYTES
    return fingerprints.subarray(at - FINGERPRINT_BYTES, at)
  })
}
