import { createHash } from 'node:crypto'
import { hashMessage, recoverAddress } from 'ethers'

/** A second implementation of what docs/PROTOCOL.md says, made from that page and other libraries alone. */

interface MessageVector {
  id: {
    streamId: string
    partition: number
    timestamp: number
    sequence: number
    publisher: string
    chain: string
  }
  previous: { timestamp: number; sequence: number } | null
  signatureType: number
  /** Bytes in hex. */
  body: object
}
type StatedBody = Record<string, string | number | string[] | GroupKey | GroupKey[] | undefined>
interface GroupKey {
  id: string
  data: string
}

const text = (value: unknown): Buffer => Buffer.from(String(value), 'utf8')
const bytes = (hex: unknown): Buffer => Buffer.from(String(hex), 'hex')

export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

function bodyParts(body: StatedBody, signatureType: number): Buffer[] {
  const keyParts = ({ id, data }: GroupKey) => [text(id), bytes(data)]
  if (body.kind === 'group-key-request') {
    const ids = body.groupKeyIds as string[]
    return [text(body.requestId), bytes(body.recipientId), bytes(body.publicKey), ...ids.map(text)]
  }
  if (body.kind === 'group-key-response') {
    const keys = body.groupKeys as GroupKey[]
    return [text(body.requestId), bytes(body.recipientId), ...keys.flatMap(keyParts)]
  }
  const newKey = body.newGroupKey as GroupKey | undefined
  if (signatureType !== 0) return [bytes(body.content), ...(newKey ? keyParts(newKey) : [])]
  const content = body.encryptionType === 0 ? bytes(body.content) : text(body.content)
  return newKey ? [content, text(`["${newKey.id}","${newKey.data}"]`)] : [content]
}

export function payloadOf({ id, previous, body, signatureType }: MessageVector): Buffer {
  const { streamId, partition, timestamp, sequence, publisher, chain } = id
  const before = previous === null ? [] : [previous.timestamp, previous.sequence]
  const header = [streamId, partition, timestamp, sequence, publisher, chain, ...before].map(text)
  return Buffer.concat([...header, ...bodyParts(body as StatedBody, signatureType)])
}

/** The address of an Ethereum-style signature over a payload, as ethers finds it. */
export function ethereumSigner(payload: Uint8Array, signature: string): string {
  return recoverAddress(hashMessage(payload), `0x${signature}`).toLowerCase()
}

/** Sum of digests modulo 2^256, read and written little-endian. */
export function sumOf(digests: readonly string[]): string {
  const reversed = (hex: string) => bytes(hex).reverse().toString('hex')
  const sum = digests.reduce((total, digest) => total + BigInt(`0x${reversed(digest)}`), 0n) % 2n ** 256n
  return reversed(sum.toString(16).padStart(64, '0'))
}

export function wireFingerprint(nonce: string, sum: string, count: number): string {
  const countBytes = Buffer.alloc(8)
  countBytes.writeBigUInt64LE(BigInt(count))
  const hashed = Buffer.concat([
    text('tidemark/reconcile/1 fingerprint'),
    bytes(nonce),
    bytes(sum),
    countBytes,
  ])
  return sha256(hashed).slice(0, 12)
}
