import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readResendRequest } from '../../../electron/api/storage-http/resend-request.ts'
import { findRoute, type ResendRoute } from '../../../electron/api/storage-http/route.ts'
import { MAX_SEQUENCE, MAX_TIMESTAMP_MS } from '../../../electron/node/message/limits.ts'
import { compareMessageRefs } from '../../../electron/node/message/order.ts'
import { PUBLISHER, STREAM_ID } from './stored-messages.ts'

const PART = `${STREAM_ID}#0`
const BASE = `/streams/${encodeURIComponent(STREAM_ID)}/data/partitions`

function read(path: string) {
  const route = findRoute(`${BASE}${path}`)
  if (route?.kind !== 'resend') throw new Error('not a resend')
  return readResendRequest(route)
}

const TO_REQUIRED =
  'Query parameter "toTimestamp" required as well. To request all messages since a timestamp, use the endpoint /streams/:id/data/partitions/:partition/from'
const OFFSETS =
  'Query parameters "fromOffset" and "toOffset" are no longer supported. Please use "fromTimestamp" and "toTimestamp".'
const COMBINATION = 'Invalid combination of "publisherId" and "msgChainId"'

describe('a resend request', () => {
  it.each([
    ['/abc/last', 'Path parameter "partition" not a number: abc'],
    ['/abc/last?format=xml&count=x', 'Path parameter "partition" not a number: abc'],
    ['/abc/soon', 'Path parameter "partition" not a number: abc'],
    ['/0/last?format=xml', 'Query parameter "format" is invalid: xml'],
    ['/0/last?format=', 'Query parameter "format" is invalid: '],
    ['/0/last?format=constructor', 'Query parameter "format" is invalid: constructor'],
    ['/0/last?format=raw&format=raw', 'Query parameter "format" is invalid: raw,raw'],
    ['/0/soon?format=xml', 'Query parameter "format" is invalid: xml'],
    ['/0/soon', 'Unknown resend type'],
    ['/0/LAST', 'Unknown resend type'],
    ['/0/last?count=ten', 'Query parameter "count" not a number: ten'],
    ['/0/last?count=', 'Query parameter "count" not a number: '],
    ['/0/from', 'Query parameter "fromTimestamp" required.'],
    ['/0/from?publisherId=nobody', 'Query parameter "fromTimestamp" required.'],
    ['/0/from?fromTimestamp=now&publisherId=nobody', 'Query parameter "fromTimestamp" not a number: now'],
    ['/0/from?fromTimestamp=1&publisherId=nobody', 'Query parameter "publisherId" not valid: nobody'],
    ['/0/from?fromTimestamp=1&publisherId=', 'Query parameter "publisherId" not valid: '],
    ['/0/from?fromTimestamp=1&publisherId=0x', 'Query parameter "publisherId" not valid: 0x'],
    ['/0/from?fromTimestamp=1&fromSequenceNumber=x', 'Query parameter "fromSequenceNumber" not a number: x'],
    ['/0/range?fromOffset=1', OFFSETS],
    ['/0/range?toOffset=1&fromTimestamp=x', OFFSETS],
    ['/0/range', 'Query parameter "fromTimestamp" required.'],
    ['/0/range?toTimestamp=x', 'Query parameter "fromTimestamp" required.'],
    ['/0/range?fromTimestamp=x&toTimestamp=y', 'Query parameter "fromTimestamp" not a number: x'],
    ['/0/range?fromTimestamp=1', TO_REQUIRED],
    ['/0/range?fromTimestamp=1&publisherId=nobody', TO_REQUIRED],
    [
      '/0/range?fromTimestamp=1&toTimestamp=y&publisherId=nobody',
      'Query parameter "toTimestamp" not a number: y',
    ],
    ['/0/range?fromTimestamp=1&toTimestamp=2&publisherId=nobody', COMBINATION],
    ['/0/range?fromTimestamp=1&toTimestamp=2&msgChainId=c', COMBINATION],
    ['/0/range?fromTimestamp=1&toTimestamp=2&msgChainId=', COMBINATION],
    ['/0/range?fromTimestamp=1&toTimestamp=2&msgChainId=c&publisherId=', COMBINATION],
    [
      '/0/range?fromTimestamp=1&toTimestamp=2&msgChainId=c&publisherId=nobody',
      'Query parameter "publisherId" not valid: nobody',
    ],
    [
      '/0/range?fromTimestamp=1&toTimestamp=2&toSequenceNumber=x',
      'Query parameter "toSequenceNumber" not a number: x',
    ],
  ])('%s is refused as Streamr’s node refuses it', (path, sentence) => {
    expect(() => read(path)).toThrow(expect.objectContaining({ status: 400, message: sentence }))
  })

  it('asks for one message as objects when nothing else is said', () => {
    expect(read('/0/last')).toEqual({ format: 'object', query: { part: PART, last: 1 } })
  })

  it('takes numbers as parseInt does', () => {
    expect(read('/0th/last?count=12abc').query).toEqual({ part: PART, last: 12 })
    expect(read('/0/last?count=0x10').query).toEqual({ part: PART, last: 16 })
    expect(read('/0/last?count=3&count=4').query).toEqual({ part: PART, last: 3 })
  })

  it('has no bound of its own on the count', () => {
    expect(read('/0/last?count=123456789').query).toEqual({ part: PART, last: 123_456_789 })
    expect(read(`/0/last?count=${'9'.repeat(400)}`).query).toEqual({
      part: PART,
      last: Number.MAX_SAFE_INTEGER,
    })
  })

  it('ends a range without a sequence number after the last message of its millisecond', () => {
    expect(read('/0/range?fromTimestamp=5&toTimestamp=7&format=raw')).toEqual({
      format: 'raw',
      query: {
        part: PART,
        from: { timestamp: 5, sequence: 0 },
        to: { timestamp: 7, sequence: MAX_SEQUENCE },
      },
    })
  })

  it('takes publishers in any letter case', () => {
    const upper = `0x${PUBLISHER.slice(2).toUpperCase()}`
    expect(read(`/0/from?fromTimestamp=1&publisherId=${upper}`).query?.publisher).toBe(PUBLISHER)
    expect(
      read(`/0/range?fromTimestamp=1&toTimestamp=2&publisherId=${upper}&msgChainId=a%26b`).query?.chain,
    ).toBe('a&b')
  })

  it.each([
    '/100/last',
    '/-1/last',
    '/0/last?count=0',
    '/0/last?count=-3',
    '/0/from?fromTimestamp=8640000000000001',
    '/0/range?fromTimestamp=0&toTimestamp=-1',
    `/0/from?fromTimestamp=1&publisherId=0x${'a'.repeat(6_000)}`,
    `/0/range?fromTimestamp=1&toTimestamp=2&publisherId=0xaa&msgChainId=${'a'.repeat(300)}`,
  ])('%s is well formed and selects nothing', (path) => {
    expect(read(path).query).toBeNull()
  })

  it('selects exactly the references between its bounds, whatever numbers are given', () => {
    const number = (max: number) =>
      fc.oneof(fc.integer({ min: -3, max: 12 }), fc.integer({ min: max - 2, max: max + 2 }))
    const timestamp = number(MAX_TIMESTAMP_MS)
    const sequence = fc.option(number(MAX_SEQUENCE), { nil: undefined })
    const ref = fc.record({
      timestamp: timestamp.filter((value) => value >= 0 && value <= MAX_TIMESTAMP_MS),
      sequence: number(MAX_SEQUENCE).filter((value) => value >= 0 && value <= MAX_SEQUENCE),
    })
    fc.assert(
      fc.property(timestamp, sequence, timestamp, sequence, ref, (fromMs, fromSeq, toMs, toSeq, message) => {
        const { query } = read(
          `/0/range?fromTimestamp=${fromMs}&toTimestamp=${toMs}` +
            (fromSeq === undefined ? '' : `&fromSequenceNumber=${fromSeq}`) +
            (toSeq === undefined ? '' : `&toSequenceNumber=${toSeq}`),
        )
        const expected =
          compareMessageRefs(message, { timestamp: fromMs, sequence: fromSeq ?? 0 }) >= 0 &&
          compareMessageRefs(message, { timestamp: toMs, sequence: toSeq ?? MAX_SEQUENCE }) <= 0
        const selected =
          query?.from !== undefined &&
          query.to !== undefined &&
          compareMessageRefs(message, query.from) >= 0 &&
          compareMessageRefs(message, query.to) <= 0
        expect(selected).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never asks the store for a reference no message can have, and never throws anything but a refusal', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('', 'NaN', 'Infinity', '1e400', '-0'),
    )
    const names = [
      'format',
      'count',
      'fromTimestamp',
      'toTimestamp',
      'fromSequenceNumber',
      'toSequenceNumber',
    ]
    const parameters = fc.array(fc.tuple(fc.constantFrom(...names, 'publisherId', 'msgChainId'), value), {
      maxLength: 8,
    })
    const type = fc.oneof(fc.constantFrom('last', 'from', 'range'), fc.string())
    fc.assert(
      fc.property(fc.string(), value, type, parameters, (streamId, partition, resendType, given) => {
        const route: ResendRoute = {
          kind: 'resend',
          streamId,
          partition,
          resendType,
          query: new URLSearchParams(given),
        }
        try {
          const { query } = readResendRequest(route)
          for (const bound of [query?.from, query?.to]) {
            if (bound === undefined) continue
            expect(Number.isInteger(bound.timestamp) && bound.timestamp >= 0).toBe(true)
            expect(bound.timestamp).toBeLessThanOrEqual(MAX_TIMESTAMP_MS)
            expect(Number.isInteger(bound.sequence) && bound.sequence >= 0).toBe(true)
            expect(bound.sequence).toBeLessThanOrEqual(MAX_SEQUENCE)
          }
        } catch (error) {
          expect(error).toMatchObject({ name: 'RequestRefused', status: 400 })
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a path', () => {
  it('is found with any stream id, percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (streamId) => {
        const route = findRoute(`/streams/${encodeURIComponent(streamId)}/metadata/partitions/3`)
        expect(route).toEqual({ kind: 'metadata', streamId, partition: '3' })
      }),
    )
  })

  it('is found in any letter case and with a final slash, as Streamr’s router finds it', () => {
    expect(findRoute('/Streams/a/Storage/Partitions/0/')).toEqual({
      kind: 'storage',
      streamId: 'a',
      partition: '0',
    })
  })

  it.each([
    '/',
    '/streams',
    '/streams/a/data/partitions/0',
    '/streams//data/partitions/0/last',
    '/streams/a/b/data/partitions/0/last',
    '/streams/a/messages/partitions/0',
  ])('%s leads nowhere', (path) => {
    expect(findRoute(path)).toBeUndefined()
  })

  it('is refused when it is not decodable', () => {
    expect(() => findRoute('/streams/%E0%A4%A/data/partitions/0/last')).toThrow(
      expect.objectContaining({ status: 400, message: "Failed to decode param '%E0%A4%A'" }),
    )
  })
})
