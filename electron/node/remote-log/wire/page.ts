import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { multiaddr } from '@multiformats/multiaddr'
import { type Address, isAddress } from '../address.ts'
import { MAX_BLOCK_BYTES, MAX_CAS_HINTS, MAX_MULTIADDR_BYTES, MAX_PAIRS_PER_PAGE } from '../bounds.ts'
import { RemoteLogError } from '../errors.ts'
import { HeadHintsSchema } from './generated/tidemark/head_hints_pb.ts'
import { RemoteLogSchema } from './generated/vac/remote_log_pb.ts'
import { HASH_BYTES } from './mvds-message.ts'

/** One message of a page: named by its MVDS id, and either embedded, or to be had from the CAS, or both. */
export interface Pair {
  localHash: Uint8Array
  remoteHash: Address | null
  /** The encoded MVDS message. */
  data: Uint8Array | null
}

/** A page of a remote log. */
export interface Page {
  /** Newest first. */
  pairs: readonly Pair[]
  /** The page before this one, or null on the first. */
  tail: Address | null
}

/** The page a name leads to, with the multiaddrs of the CAS in use. */
export interface Head extends Page {
  cas: readonly string[]
}

const PAIR_FIELD = 1
const EMPTY = new Uint8Array(0)

/** Bytes of a page; the same page always gives the same bytes. */
export function encodePage(page: Page): Uint8Array {
  return toBinary(
    RemoteLogSchema,
    create(RemoteLogSchema, {
      pair: page.pairs.map((pair) => ({
        remoteHash: pair.remoteHash ?? EMPTY,
        localHash: pair.localHash,
        data: pair.data ?? EMPTY,
      })),
      tail: page.tail ?? EMPTY,
    }),
  )
}

/** Bytes of a head: the page, and behind it the hints, which readers of the RFC's schema skip. */
export function encodeHead(head: Head): Uint8Array {
  const hints = create(HeadHintsSchema, { cas: head.cas.map((text) => multiaddr(text).bytes) })
  return Buffer.concat([encodePage(head), toBinary(HeadHintsSchema, hints)])
}

/**
 * @param bytes from anybody; at most `MAX_BLOCK_BYTES` are decoded.
 * @throws {RemoteLogError} `page-unreadable`
 */
export function decodePage(bytes: Uint8Array): Page {
  assertPlausible(bytes)
  const log = decode(() => fromBinary(RemoteLogSchema, bytes, { readUnknownFields: false }))
  if (log.pair.length === 0 && log.tail.length === 0) {
    throw unreadable('It names neither messages nor a page before: another protocol, or an empty page.')
  }
  if (log.tail.length > 0 && !isAddress(log.tail))
    throw unreadable('The page before is not named by an address.')
  return {
    pairs: log.pair.map((pair) => {
      if (pair.localHash.length !== HASH_BYTES) throw unreadable('A message is not named by an MVDS id.')
      const isMapped = pair.remoteHash.length > 0
      if (isMapped && !isAddress(pair.remoteHash)) throw unreadable('A message is not named by an address.')
      if (!isMapped && pair.data.length === 0) throw unreadable('A message is neither embedded nor mapped.')
      return {
        localHash: pair.localHash,
        remoteHash: isMapped ? pair.remoteHash : null,
        data: pair.data.length > 0 ? pair.data : null,
      }
    }),
    tail: log.tail.length > 0 ? log.tail : null,
  }
}

/** @throws {RemoteLogError} `page-unreadable`. Multiaddrs that cannot be read are left out: they are only hints. */
export function decodeHead(bytes: Uint8Array): Head {
  const page = decodePage(bytes)
  const hints = decode(() => fromBinary(HeadHintsSchema, bytes, { readUnknownFields: false }))
  return { ...page, cas: hints.cas.slice(0, MAX_CAS_HINTS).flatMap(readMultiaddr) }
}

function readMultiaddr(bytes: Uint8Array): string[] {
  if (bytes.length > MAX_MULTIADDR_BYTES) return []
  try {
    return [multiaddr(bytes).toString()]
  } catch {
    return []
  }
}

/** Counts pairs before any of them becomes an object: an empty pair costs its sender two bytes. */
function assertPlausible(bytes: Uint8Array): void {
  if (bytes.length === 0) throw unreadable('It is empty.')
  if (bytes.length > MAX_BLOCK_BYTES)
    throw unreadable(`It has ${bytes.length} bytes; at most ${MAX_BLOCK_BYTES} are read.`)
  let pairs = 0
  decode(() => {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      if (wireType === WireType.StartGroup || wireType === WireType.EndGroup)
        throw new Error('groups are not proto3')
      if (field === PAIR_FIELD) pairs += 1
      reader.skip(wireType, field)
    }
  })
  if (pairs > MAX_PAIRS_PER_PAGE)
    throw unreadable(`It names ${pairs} messages; at most ${MAX_PAIRS_PER_PAGE} are read.`)
}

function decode<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof RemoteLogError) throw cause
    throw new RemoteLogError(
      'page-unreadable',
      'The content is not a page of a remote log: it is not protobuf.',
      { cause },
    )
  }
}

function unreadable(sentence: string): RemoteLogError {
  return new RemoteLogError('page-unreadable', `The content is not a page of a remote log. ${sentence}`)
}
