import { type MessageRef, type StreamPartId, streamPartId } from '../../../shared/message.ts'
import {
  MAX_CHAIN_ID_BYTES,
  MAX_PARTITION,
  MAX_PUBLISHER_ID_BYTES,
  MAX_SEQUENCE,
  MAX_STREAM_ID_BYTES,
  MAX_TIMESTAMP_MS,
} from '../../node/message/limits.ts'
import type { MessageQuery } from '../../node/ports.ts'
import { RequestRefused } from './request-refused.ts'
import type { ResendRoute } from './route.ts'

export type ResendFormat = 'object' | 'raw'

export interface ResendRequest {
  format: ResendFormat
  /** What to ask the store; `null` when nothing can match, such as a range that ends before it begins. */
  query: MessageQuery | null
}

const PUBLISHER = /^0x[0-9a-f]+$/i

/**
 * Reads a resend request as Streamr's storage node does: the same defaults, the same leniency of `parseInt`, the
 * same errors in the same order.
 *
 * Numbers beyond the protocol's are not errors there; here they select what they would select if messages with
 * such numbers existed. Two things differ: sequence numbers that are not numbers, and `msgChainId` without text,
 * which end in a 500 there, are told to the client.
 * @throws {RequestRefused} 400 with Streamr's text.
 */
export function readResendRequest({ streamId, partition, resendType, query }: ResendRoute): ResendRequest {
  const part = readPart(streamId, partition)
  const format = parameter(query, 'format') ?? 'object'
  if (format !== 'object' && format !== 'raw') throw invalid(`Query parameter "format" is invalid: ${format}`)
  const selection = readSelection(resendType, query)
  return { format, query: part === null || selection === null ? null : { part, ...selection } }
}

/**
 * The stream part a path names; `null` when no stream can have it (partitions are numbered 0 to 99).
 * @throws {RequestRefused} 400 when `partition` does not begin with a number.
 */
export function readPart(streamId: string, partition: string): StreamPartId | null {
  const index = leadingInteger(partition)
  if (Number.isNaN(index)) throw invalid(`Path parameter "partition" not a number: ${partition}`)
  if (index < 0 || index > MAX_PARTITION || streamId.length > MAX_STREAM_ID_BYTES) return null
  return streamPartId(streamId, index)
}

type Selection = Omit<MessageQuery, 'part'>

function readSelection(resendType: string, query: URLSearchParams): Selection | null {
  switch (resendType) {
    case 'last':
      return readLast(query)
    case 'from':
      return readFrom(query)
    case 'range':
      return readRange(query)
    default:
      throw invalid('Unknown resend type')
  }
}

function readLast(query: URLSearchParams): Selection | null {
  const count = integer(query, 'count') ?? 1
  assertNumber(query, 'count', count)
  return count < 1 ? null : { last: Math.min(count, Number.MAX_SAFE_INTEGER) }
}

function readFrom(query: URLSearchParams): Selection | null {
  const timestamp = requiredTimestamp(query)
  const publisher = readPublisher(query)
  const from = lowerBound(timestamp, readSequence(query, 'fromSequenceNumber', 0))
  return from === null ? null : select({ from, publisher })
}

function readRange(query: URLSearchParams): Selection | null {
  if (query.has('fromOffset') || query.has('toOffset')) {
    throw invalid(
      'Query parameters "fromOffset" and "toOffset" are no longer supported. Please use "fromTimestamp" and "toTimestamp".',
    )
  }
  const fromTimestamp = requiredTimestamp(query)
  const toTimestamp = integer(query, 'toTimestamp')
  if (toTimestamp === undefined) {
    throw invalid(
      'Query parameter "toTimestamp" required as well. To request all messages since a timestamp, use the endpoint /streams/:id/data/partitions/:partition/from',
    )
  }
  assertNumber(query, 'toTimestamp', toTimestamp)
  const chain = parameter(query, 'msgChainId')
  if (Boolean(parameter(query, 'publisherId')) !== Boolean(chain)) {
    throw invalid('Invalid combination of "publisherId" and "msgChainId"')
  }
  const publisher = readPublisher(query)
  if (chain === '') throw invalid('Invalid combination of "publisherId" and "msgChainId"')
  const from = lowerBound(fromTimestamp, readSequence(query, 'fromSequenceNumber', 0))
  const to = upperBound(toTimestamp, readSequence(query, 'toSequenceNumber', MAX_SEQUENCE))
  return from === null || to === null ? null : select({ from, to, publisher, chain })
}

interface Conditions {
  from: MessageRef
  to?: MessageRef
  publisher: string | undefined
  chain?: string | undefined
}

/** `null` when a condition is longer than any publisher or chain can be, so that no store is asked for it. */
function select({ from, to, publisher, chain }: Conditions): Selection | null {
  if (publisher !== undefined && publisher.length > 2 + 2 * MAX_PUBLISHER_ID_BYTES) return null
  if (chain !== undefined && chain.length > MAX_CHAIN_ID_BYTES) return null
  return {
    from,
    ...(to === undefined ? {} : { to }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(chain === undefined ? {} : { chain }),
  }
}

function requiredTimestamp(query: URLSearchParams): number {
  const timestamp = integer(query, 'fromTimestamp')
  if (timestamp === undefined) throw invalid('Query parameter "fromTimestamp" required.')
  assertNumber(query, 'fromTimestamp', timestamp)
  return timestamp
}

function readPublisher(query: URLSearchParams): string | undefined {
  const publisher = parameter(query, 'publisherId')
  if (publisher !== undefined && !PUBLISHER.test(publisher)) {
    throw invalid(`Query parameter "publisherId" not valid: ${publisher}`)
  }
  return publisher?.toLowerCase()
}

function readSequence(query: URLSearchParams, name: string, otherwise: number): number {
  const sequence = integer(query, name) ?? otherwise
  assertNumber(query, name, sequence)
  return sequence
}

/** The first reference a message can have at or after the given one; `null` past the end of time. */
function lowerBound(timestamp: number, sequence: number): MessageRef | null {
  if (timestamp < 0) return { timestamp: 0, sequence: 0 }
  if (timestamp > MAX_TIMESTAMP_MS) return null
  if (sequence > MAX_SEQUENCE) return lowerBound(timestamp + 1, 0)
  return { timestamp, sequence: Math.max(sequence, 0) }
}

/** The last reference a message can have at or before the given one; `null` before the epoch. */
function upperBound(timestamp: number, sequence: number): MessageRef | null {
  if (timestamp < 0) return null
  if (timestamp > MAX_TIMESTAMP_MS) return { timestamp: MAX_TIMESTAMP_MS, sequence: MAX_SEQUENCE }
  if (sequence < 0) return upperBound(timestamp - 1, MAX_SEQUENCE)
  return { timestamp, sequence: Math.min(sequence, MAX_SEQUENCE) }
}

/** A parameter that is given several times reads as a comma-separated list, as it does there. */
function parameter(query: URLSearchParams, name: string): string | undefined {
  return query.has(name) ? query.getAll(name).join(',') : undefined
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = parameter(query, name)
  return text === undefined ? undefined : leadingInteger(text)
}

/** As Streamr's node reads numbers: what follows the digits is ignored, and `0x10` is 16. */
function leadingInteger(text: string): number {
  // biome-ignore lint/correctness/useParseIntRadix: without a radix is what the interface does
  return Number.parseInt(text)
}

function assertNumber(query: URLSearchParams, name: string, value: number): void {
  if (Number.isNaN(value)) throw invalid(`Query parameter "${name}" not a number: ${parameter(query, name)}`)
}

function invalid(sentence: string): RequestRefused {
  return new RequestRefused(400, sentence)
}
