import { convertBytesToStreamMessage } from '@streamr/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkPool } from '../../../electron/api/storage-http/chunk-pool.ts'
import { toObjectText } from '../../../electron/api/storage-http/message-object.ts'
import { toObjectArray } from '../../../electron/api/storage-http/object-array.ts'
import { onePerId } from '../../../electron/api/storage-http/one-per-id.ts'
import { toRawFrames } from '../../../electron/api/storage-http/raw-frames.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { anySdkMessage } from '../message/arbitraries.ts'
import { MemoryMessages, STREAM_ID, storedMessage } from './stored-messages.ts'

async function* inBatches(messages: StoredMessage[], sizes: number[]): AsyncGenerator<StoredMessage[]> {
  let at = 0
  for (const size of [...sizes, messages.length]) {
    yield messages.slice(at, at + size)
    at += size
  }
}

/** What a client reads from length-prefixed frames. */
function readFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    expect(end).toBeLessThanOrEqual(bytes.length)
    frames.push(bytes.subarray(at + 4, end))
    at = end
  }
  return frames
}

/** Keeps to the contract of `toRawFrames`: a chunk is looked at until the second one after it is asked for. */
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = []
  let previous: Uint8Array | undefined
  for await (const chunk of chunks) {
    if (previous !== undefined) copies.push(Buffer.from(previous))
    previous = chunk
  }
  if (previous !== undefined) copies.push(Buffer.from(previous))
  return Buffer.concat(copies)
}

describe('the raw format', () => {
  it('gives back every message, byte for byte and in order, whatever the sizes of messages, batches and chunks', async () => {
    const sizes = fc.array(fc.nat(7), { maxLength: 6 })
    const contents = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        contents,
        sizes,
        fc.integer({ min: 16, max: 600 }),
        async (bodies, batches, chunkBytes) => {
          const messages = bodies.map((raw) => ({ ...storedMessage(), raw }))
          const pool = new ChunkPool(chunkBytes, 4)
          const frames = readFrames(await collect(toRawFrames(inBatches(messages, batches), pool)))
          expect(frames.map((frame) => frame.toString('hex'))).toEqual(
            bodies.map((body) => Buffer.from(body).toString('hex')),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('uses the same two buffers however long the answer is', async () => {
    const messages = Array.from({ length: 5_000 }, (_, at) => storedMessage({ timestamp: at }))
    const buffers = new Set<ArrayBufferLike>()
    for await (const chunk of toRawFrames(inBatches(messages, []), new ChunkPool(4_096, 4)))
      buffers.add(chunk.buffer)
    expect(buffers.size).toBe(2)
  })
})

describe('the object format', () => {
  it('says of every message what Streamr’s SDK says', () => {
    fc.assert(
      fc.property(anySdkMessage, (message) => {
        const raw = encodeStreamMessage(message)
        const text = toObjectText(raw)
        if (message.body.kind !== 'content') {
          expect(text).toBeUndefined()
          return
        }
        const theirs = convertBytesToStreamMessage(raw)
        const object = JSON.parse(text ?? '')
        expect(object).toMatchObject({
          streamId: theirs.getStreamId(),
          streamPartition: theirs.getStreamPartition(),
          timestamp: theirs.getTimestamp(),
          sequenceNumber: theirs.getSequenceNumber(),
          publisherId: theirs.getPublisherId(),
          msgChainId: theirs.getMsgChainId(),
          messageType: theirs.messageType,
          contentType: theirs.contentType,
          encryptionType: theirs.encryptionType,
          signature: Buffer.from(theirs.signature).toString('hex'),
        })
        expect(object.groupKeyId).toBe(theirs.groupKeyId)
        expect(object.content).toEqual(sdkContent(theirs))
      }),
      { numRuns: 500 },
    )
  })

  it('has the fields in Streamr’s order and leaves out a group key that is not named', () => {
    const text = toObjectText(storedMessage({ content: { b: 1, a: [2] } }).raw) ?? ''
    expect(Object.keys(JSON.parse(text))).toEqual([
      'streamId',
      'streamPartition',
      'timestamp',
      'sequenceNumber',
      'publisherId',
      'msgChainId',
      'messageType',
      'contentType',
      'encryptionType',
      'content',
      'signature',
    ])
    expect(JSON.parse(text).streamId).toBe(STREAM_ID)
  })

  it('keeps the digits of numbers that JavaScript cannot hold', () => {
    const text = toObjectText(storedMessage({ content: Buffer.from('{"n":12345678901234567890.10}') }).raw)
    expect(text).toContain('12345678901234567890.10')
  })

  it('shows encrypted and binary content as hex', () => {
    const content = Buffer.from('00ff10', 'hex')
    const encrypted = JSON.parse(
      toObjectText(storedMessage({ content, encryptionType: 1, groupKeyId: 'k' }).raw) ?? '',
    )
    expect(encrypted).toMatchObject({ content: '00ff10', groupKeyId: 'k', encryptionType: 1 })
    const binary = JSON.parse(toObjectText(storedMessage({ content, contentType: 1 }).raw) ?? '')
    expect(binary).toMatchObject({ content: '00ff10', contentType: 1 })
  })

  it('survives content nested as deep as a message allows', () => {
    const content = Buffer.from('['.repeat(400_000) + ']'.repeat(400_000))
    expect(toObjectText(storedMessage({ content }).raw)?.length).toBeGreaterThan(800_000)
  })

  it.each([0, 1, 2, 50])('is one JSON array of %i messages', async (count) => {
    const messages = Array.from({ length: count }, (_, at) => storedMessage({ timestamp: at }))
    const text = (await collect(toObjectArray(inBatches(messages, [3, 0, 4]), 300))).toString()
    expect(JSON.parse(text).map((object: { timestamp: number }) => object.timestamp)).toEqual(
      messages.map(({ id }) => id.timestamp),
    )
  })
})

describe('equivocating contents of one message id', () => {
  it('are served as one, that with the lowest digest, also across batches', async () => {
    const twice = { timestamp: 5, equivocation: true }
    const store = new MemoryMessages(
      [
        storedMessage({ timestamp: 4 }),
        storedMessage({ ...twice, digest: 3 }),
        storedMessage({ ...twice, digest: 2 }),
        storedMessage({ ...twice, digest: 9 }),
        storedMessage({ ...twice, digest: 1, chain: 'other' }),
        storedMessage({ timestamp: 6 }),
      ],
      1,
    )
    const kept: StoredMessage[] = []
    for await (const batch of onePerId(store.query({ part: `${STREAM_ID}#0` }))) kept.push(...batch)
    expect(kept.map(({ id, digest }) => [id.timestamp, id.chain, digest[0]])).toEqual([
      [4, 'chain', 1],
      [5, 'chain', 2],
      [5, 'other', 1],
      [6, 'chain', 1],
    ])
  })
})

/** Streamr's node fails where JSON content is none; here such content is hex. */
function sdkContent(message: ReturnType<typeof convertBytesToStreamMessage>): unknown {
  try {
    const content = message.getParsedContent()
    return content instanceof Uint8Array ? Buffer.from(content).toString('hex') : content
  } catch {
    return Buffer.from(message.content).toString('hex')
  }
}
