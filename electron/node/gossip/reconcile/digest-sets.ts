import type { StreamPartId } from '../../../../shared/message.ts'
import { DIGEST_BYTES } from '../../message/content-digest.ts'
import type { DigestColumns, FingerprintColumns } from '../ports.ts'
import type { GolombSet } from '../riblt/golomb-set.ts'
import type { SessionKey } from '../riblt/short-ids.ts'
import { bucketKey, DigestCache } from './digest-cache.ts'
import type { DecodeStep, DigestSet, ListMatch, Naming, PickedMessages } from './digest-set.ts'
import { DigestSetBuilder } from './digest-set-builder.ts'
import { DigestSetThread } from './digest-set-thread.ts'
import { guardPeerData } from './peer-data.ts'

/** Up to this many ids a set is worked on where it is asked for: a few milliseconds. */
const INLINE_IDS = 4_096

/** Memory for digests of buckets that were asked for before: 2.8 million messages. */
const CACHE_BYTES = 67_108_864

/** One side's messages of a session. Methods that read what a peer sent throw `PeerFault`. */
export interface OpenDigestSet {
  readonly size: number
  cellsTo(total: number): Promise<Uint8Array>
  addCells(bytes: Uint8Array, total: number, remoteSize: number): Promise<DecodeStep>
  list(bits: number): Promise<GolombSet>
  matchList(list: GolombSet): Promise<ListMatch>
  select(naming: Naming): Promise<PickedMessages>
  close(): void
}

export interface DigestSetRequest {
  part: StreamPartId
  /** Pyramid level of `rows`, ms. */
  levelMs: number
  /** The pyramid buckets whose messages make the set, ascending. */
  rows: FingerprintColumns
  key: SessionKey
  /** Digests of the messages with `from <= timestamp < to`. */
  load: (from: number, to: number) => AsyncIterable<DigestColumns>
}

/** Makes sets; large ones in a thread of their own, which also keeps the digests of buckets it has seen. */
export interface DigestSets {
  open(request: DigestSetRequest): Promise<OpenDigestSet>
  close(): Promise<void>
}

export interface DigestSetsOptions {
  /** Sets of at most this many ids are worked on in the calling thread. Default 4,096. */
  inlineIds?: number
  /** Memory for digests of buckets seen before, bytes. Default 64 MiB. */
  cacheBytes?: number
}

export function createDigestSets(options: DigestSetsOptions = {}): DigestSets {
  return new ThreadedDigestSets(options.inlineIds ?? INLINE_IDS, options.cacheBytes ?? CACHE_BYTES)
}

class ThreadedDigestSets implements DigestSets {
  readonly #inlineIds: number
  readonly #thread: DigestSetThread

  constructor(inlineIds: number, cacheBytes: number) {
    this.#inlineIds = inlineIds
    this.#thread = new DigestSetThread(cacheBytes)
  }

  async open(request: DigestSetRequest): Promise<OpenDigestSet> {
    const ids = request.rows.counts.reduce((sum, count) => sum + count, 0)
    return ids <= this.#inlineIds ? await openInline(request) : await this.#openInThread(request)
  }

  async close(): Promise<void> {
    await this.#thread.close()
  }

  async #openInThread(request: DigestSetRequest): Promise<OpenDigestSet> {
    const { part, levelMs, rows, key } = request
    const keys = Array.from(rows.starts, (start, row) => {
      const sum = rows.sums.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES)
      return bucketKey(part, levelMs, start, rows.counts[row] ?? 0, sum)
    })
    const set = await this.#thread.begin(part, levelMs, keys)
    try {
      for (const [from, to] of runsOf(rows.starts, set.missing, levelMs)) {
        for await (const columns of request.load(from, to)) await set.append(columns)
      }
      return await set.finish(key)
    } catch (error) {
      set.close()
      throw error
    }
  }
}

async function openInline({ part, levelMs, rows, key, load }: DigestSetRequest): Promise<OpenDigestSet> {
  const builder = new DigestSetBuilder({ part, levelMs, cache: new DigestCache(0) })
  for (const [from, to] of runsOf(rows.starts, [...rows.starts.keys()], levelMs)) {
    for await (const columns of load(from, to)) builder.append(columns)
  }
  return inlineSet(builder.finish(key))
}

function inlineSet(set: DigestSet): OpenDigestSet {
  return {
    size: set.size,
    cellsTo: async (total) => guardPeerData(() => set.cellsTo(total)),
    addCells: async (bytes, total, remoteSize) => guardPeerData(() => set.addCells(bytes, total, remoteSize)),
    list: async (bits) => set.list(bits),
    matchList: async (list) => guardPeerData(() => set.matchList(list)),
    select: async (naming) => guardPeerData(() => set.select(naming)),
    close: () => undefined,
  }
}

/** Stretches of time that the chosen rows cover; rows side by side make one stretch. */
function* runsOf(
  starts: Float64Array,
  chosen: readonly number[],
  levelMs: number,
): Generator<[number, number]> {
  let from = Number.NaN
  let to = Number.NaN
  for (const row of chosen) {
    const start = starts[row] ?? 0
    if (start !== to) {
      if (!Number.isNaN(to)) yield [from, to]
      from = start
    }
    to = start + levelMs
  }
  if (!Number.isNaN(to)) yield [from, to]
}
