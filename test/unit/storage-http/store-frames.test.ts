import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onePerId } from '../../../electron/api/storage-http/one-per-id.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { compareMessageRefs } from '../../../electron/node/message/order.ts'
import type { MessageQuery, StoredMessage } from '../../../electron/node/ports.ts'
import { FRAMED_BYTES } from '../../../electron/node/store/limits.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { streamPartId } from '../../../shared/message.ts'
import { silentLogger } from '../provenance/fakes.ts'
import { temporaryFolder } from '../store/store-folder.ts'
import { EPOCH, type MessageShape, syntheticMessage } from '../store/synthetic-messages.ts'

const SERVED: MessageQuery['verdicts'] = ['verified', 'pending']
const folder = temporaryFolder()
let store: SqliteStore
let streams = 0

beforeAll(async () => {
  store = await openSqliteStore({ file: `${folder.path}/messages.sqlite`, clock: Date, logger: silentLogger })
})
afterAll(async () => {
  await store.close()
  folder.remove()
})

/** Stores messages as a stream part of their own. */
async function storePart(shapes: MessageShape[]): Promise<string> {
  streams += 1
  const streamId = `0xabc/frames-${streams}`
  await store.append(shapes.map((shape) => syntheticMessage({ ...shape, streamId })))
  return streamPartId(streamId, 0)
}

async function framesOf(query: MessageQuery): Promise<Uint8Array[] | undefined> {
  const chunks = await store.frames?.(query)
  if (chunks === undefined) return undefined
  const messages: Uint8Array[] = []
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at)
      messages.push(bytes.subarray(at + 4, end))
      at = end
    }
  }
  return messages
}

async function messagesOf(query: MessageQuery): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = []
  for await (const batch of onePerId(store.query(query))) messages.push(...batch)
  return messages
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function expectSameAsQuery(query: MessageQuery): Promise<number> {
  const frames = await framesOf(query)
  const messages = await messagesOf(query)
  if (frames === undefined) throw new Error('the store has no frames for this query')
  expect(frames.map(hex).sort()).toEqual(messages.map(({ raw }) => hex(raw)).sort())
  const refs = frames.map((raw) => decodeStreamMessage(raw).id)
  for (let at = 1; at < refs.length; at++) {
    expect(compareMessageRefs(refs[at - 1] ?? refs[0]!, refs[at]!)).toBeLessThanOrEqual(0)
  }
  return frames.length
}

describe('frames of the SQLite store', () => {
  it('are the messages of the same query, ascending, whatever is stored and asked for', async () => {
    const shape: fc.Arbitrary<MessageShape> = fc.record({
      at: fc.oneof(fc.nat(20), fc.nat(100_000), fc.nat(2_000_000_000)),
      sequence: fc.nat(2),
      publisher: fc.integer({ min: 1, max: 3 }),
      content: fc.record({ value: fc.nat(5) }),
      verdict: fc.constantFrom('verified' as const, 'verified' as const, 'unauthorised' as const),
    })
    const position = fc.record({ timestamp: fc.nat(100_000), sequence: fc.nat(2) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { minLength: 1, maxLength: 60 }),
        fc.option(position, { nil: undefined }),
        fc.option(position, { nil: undefined }),
        async (shapes, from, to) => {
          const part = await storePart(shapes)
          const bound = (ref: typeof from) =>
            ref && { timestamp: EPOCH + ref.timestamp, sequence: ref.sequence }
          await expectSameAsQuery({
            part,
            verdicts: SERVED,
            ...(from === undefined ? {} : { from: bound(from)! }),
            ...(to === undefined ? {} : { to: bound(to)! }),
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('come in chunks of bounded size, of a dense stream and of a sparse one', async () => {
    const content = { text: 'x'.repeat(2_000) }
    const dense = await storePart(
      Array.from({ length: 3_000 }, (_, at) => ({ at: Math.floor(at / 5), sequence: at % 5, content })),
    )
    const sparse = await storePart(
      Array.from({ length: 1_500 }, (_, at) => ({ at: at * 3_600_000, content })),
    )
    for (const part of [dense, sparse]) {
      expect(await expectSameAsQuery({ part, verdicts: SERVED })).toBe(part === dense ? 3_000 : 1_500)
      const chunks = await store.frames?.({ part, verdicts: SERVED })
      for await (const chunk of chunks ?? []) expect(chunk.byteLength).toBeLessThan(2 * FRAMED_BYTES)
    }
  })

  it('hold one content for a message id, that with the lowest digest', async () => {
    const twice = [{ content: { value: 1 } }, { content: { value: 2 } }, { content: { value: 3 } }]
    const part = await storePart([...twice, { at: 1 }])
    expect(await expectSameAsQuery({ part, verdicts: SERVED })).toBe(2)
  })

  it('are not offered where rows are needed', async () => {
    const part = await storePart([{ at: 1 }])
    const publisher = `0x${'1'.padStart(40, '0')}`
    expect(await framesOf({ part, last: 3 })).toBeUndefined()
    expect(await framesOf({ part, limit: 3 })).toBeUndefined()
    expect(await framesOf({ part, order: 'descending' })).toBeUndefined()
    expect(await framesOf({ part, publisher })).toBeUndefined()
    expect(await framesOf({ part: 'nobody#0' })).toBeUndefined()
  })

  it('end when nobody wants them any more', async () => {
    const part = await storePart(
      Array.from({ length: 2_000 }, (_, at) => ({ at, content: { text: 'x'.repeat(2_000) } })),
    )
    const abort = new AbortController()
    const chunks = await store.frames?.({ part, verdicts: SERVED }, abort.signal)
    const read = async () => {
      for await (const _ of chunks ?? []) abort.abort()
    }
    await expect(read()).rejects.toMatchObject({ code: 'aborted' })
  })
})
