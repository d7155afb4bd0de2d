import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { isContentSigned, signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import type { ContentBody, DecodedMessage } from '../../../electron/node/message/stream-message.ts'

function message(body: Partial<ContentBody>, signatureType: number): DecodedMessage {
  return {
    id: {
      streamId: '0xaa/load',
      partition: 1,
      timestamp: 1700000000000,
      sequence: 2,
      publisher: '0xbb',
      chain: 'c',
    },
    publisherId: new Uint8Array([0xbb]),
    previous: { timestamp: 1600000000000, sequence: 3 },
    signature: new Uint8Array(0),
    signatureType,
    body: {
      kind: 'content',
      content: new TextEncoder().encode('{"a":1}'),
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
      ...body,
    },
  }
}

const HEADER = '0xaa/load1170000000000020xbbc16000000000003'
const text = (payload: Uint8Array) => Buffer.from(payload).toString('utf8')

describe('the signature payload', () => {
  it('is header, content and new group key without separators', () => {
    const newGroupKey = { id: 'key', data: new TextEncoder().encode('DATA') }
    expect(text(signaturePayload(message({ newGroupKey }, 1)))).toBe(`${HEADER}{"a":1}keyDATA`)
  })

  it('of the legacy type signs encrypted content in hex and a new group key as JSON', () => {
    const newGroupKey = { id: 'key', data: new Uint8Array([1, 255]) }
    const legacy = message({ encryptionType: 1, content: new Uint8Array([0, 254]), newGroupKey }, 0)
    expect(text(signaturePayload(legacy))).toBe(`${HEADER}00fe["key","01ff"]`)
  })

  it('of the legacy type signs plain content as text', () => {
    expect(text(signaturePayload(message({}, 0)))).toBe(`${HEADER}{"a":1}`)
  })

  it('of the legacy type does not determine bytes that text cannot carry', () => {
    const lost = [[0xff], [0xef, 0xbb, 0xbf, 0x31]].map((bytes) =>
      message({ content: Uint8Array.from(bytes) }, 0),
    )
    expect(lost.map(isContentSigned)).toEqual([false, false])
    expect(isContentSigned(message({}, 0))).toBe(true)
    expect(isContentSigned(message({ content: Uint8Array.from([0xff]) }, 1))).toBe(true)
    expect(isContentSigned(message({ content: Uint8Array.from([0xff]), encryptionType: 1 }, 0))).toBe(true)
  })

  it('is what the content digest is taken of', () => {
    const expected = createHash('sha256').update(`${HEADER}{"a":1}`).digest()
    expect(Buffer.from(contentDigest(message({}, 1))).equals(expected)).toBe(true)
  })
})
