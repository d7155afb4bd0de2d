import { describe, expect, it } from 'vitest'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { MAX_ROW_CONTENT_BYTES, ROW_EXCERPT_BYTES } from '../../../electron/node/message/limits.ts'
import { toMessageRow } from '../../../electron/node/message/row.ts'

function row(content: Uint8Array, encrypted = false) {
  const id = { streamId: 's', partition: 0, timestamp: 1, sequence: 0, publisher: '0xaa', chain: 'c' }
  const raw = encodeStreamMessage({
    id,
    previous: undefined,
    signature: new Uint8Array(65),
    signatureType: 1,
    body: {
      kind: 'content',
      content,
      contentType: 0,
      encryptionType: encrypted ? 1 : 0,
      groupKeyId: 'k',
      newGroupKey: undefined,
    },
  })
  return toMessageRow({
    id,
    digest: new Uint8Array(32).fill(0xab),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted,
    source: 'live',
    receivedAt: 5,
    raw,
  })
}

describe('a message as a table row', () => {
  it('shows short JSON as values', () => {
    expect(row(Buffer.from('{"load":0.5}'))).toMatchObject({
      content: { load: 0.5 },
      contentKind: 'json',
      contentTruncated: false,
      digest: 'ab'.repeat(32),
    })
  })

  it('shows the beginning of long JSON, and never half a character', () => {
    const { content, contentKind, contentTruncated } = row(
      Buffer.from(`"${'€'.repeat(MAX_ROW_CONTENT_BYTES)}"`),
    )
    expect({ contentKind, contentTruncated }).toEqual({ contentKind: 'json', contentTruncated: true })
    expect(content).toBe(`"${'€'.repeat(Math.floor((ROW_EXCERPT_BYTES - 1) / 3))}`)
  })

  it('tells text, binary and encrypted content apart', () => {
    expect(row(Buffer.from('hello'))).toMatchObject({ content: 'hello', contentKind: 'text' })
    expect(row(Uint8Array.from([0xff, 0]))).toMatchObject({ content: 'ff00', contentKind: 'binary' })
    expect(row(Uint8Array.from([0xff, 0]), true)).toMatchObject({ content: 'ff00', contentKind: 'encrypted' })
  })
})
