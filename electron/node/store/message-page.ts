import { parseStreamPartId } from '../../../shared/message.ts'
import { verdictOf, verdictReasonOf } from '../../../shared/verdict.ts'
import { DIGEST_BYTES, FLAG_ENCRYPTED } from '../message/verified-batch-layout.ts'
import type { StoredMessage } from '../ports.ts'
import type { Names } from './read/name-lookup.ts'
import type { MessageColumns } from './read/row-columns.ts'
import { FLAG_EQUIVOCATION } from './write/message-entry.ts'

/**
 * Messages on their way from a reader thread: columns in one transferable buffer, names beside it. Order of the
 * sections: timestamps and times of receipt (doubles), sequences, indexes of publishers, chains and sources, ends
 * of the raw bytes (32-bit words), verdicts, reasons and flags (bytes), digests, raw bytes.
 */
export interface MessagePage {
  count: number
  buffer: ArrayBuffer
  publishers: string[]
  chains: string[]
  sources: string[]
}

const DOUBLES = 2
const WORDS = 5
const BYTES = 3
const FIXED_BYTES = DOUBLES * 8 + WORDS * 4 + BYTES + DIGEST_BYTES

export function packPage(rows: readonly MessageColumns[], names: Names): MessagePage {
  const count = rows.length
  let rawBytes = 0
  for (const row of rows) rawBytes += row[10].length
  const buffer = new ArrayBuffer(count * FIXED_BYTES + rawBytes)
  const {
    timestamps,
    receivedAts,
    sequences,
    publishers,
    chains,
    sources,
    rawEnds,
    verdicts,
    reasons,
    flags,
  } = columnsOf(buffer, count)
  const bytes = new Uint8Array(buffer)
  const digestsAt = count * (FIXED_BYTES - DIGEST_BYTES)
  const rawAt = count * FIXED_BYTES
  const publisherNames = new PageNames()
  const chainNames = new PageNames()
  const sourceNames = new PageNames()
  let end = 0
  for (let at = 0; at < count; at++) {
    const row = rows[at] as MessageColumns
    timestamps[at] = row[0]
    sequences[at] = row[1]
    publishers[at] = publisherNames.indexOf(row[2])
    chains[at] = chainNames.indexOf(row[3])
    bytes.set(row[4], digestsAt + at * DIGEST_BYTES)
    verdicts[at] = row[5]
    reasons[at] = row[6]
    flags[at] = row[7]
    sources[at] = sourceNames.indexOf(row[8])
    receivedAts[at] = row[9]
    bytes.set(row[10], rawAt + end)
    end += row[10].length
    rawEnds[at] = end
  }
  return {
    count,
    buffer,
    publishers: publisherNames.keys.map((id) => names.publishers.nameOf(id)),
    chains: chainNames.keys.map((id) => names.chains.nameOf(id)),
    sources: sourceNames.keys.map((id) => names.sources.nameOf(id)),
  }
}

/** The messages of a page as objects. Their digests and raw bytes are views of the page's buffer. */
export function unpackPage(page: MessagePage, part: string): StoredMessage[] {
  const { count, buffer } = page
  const { streamId, partition } = parseStreamPartId(part)
  const columns = columnsOf(buffer, count)
  const digestsAt = count * (FIXED_BYTES - DIGEST_BYTES)
  const rawAt = count * FIXED_BYTES
  const messages: StoredMessage[] = []
  let start = rawAt
  for (let at = 0; at < count; at++) {
    const end = rawAt + (columns.rawEnds[at] as number)
    const flags = columns.flags[at] as number
    messages.push({
      id: {
        streamId,
        partition,
        timestamp: columns.timestamps[at] as number,
        sequence: columns.sequences[at] as number,
        publisher: page.publishers[columns.publishers[at] as number] as string,
        chain: page.chains[columns.chains[at] as number] as string,
      },
      digest: new Uint8Array(buffer, digestsAt + at * DIGEST_BYTES, DIGEST_BYTES),
      verdict: verdictOf(columns.verdicts[at] as number),
      reason: verdictReasonOf(columns.reasons[at] as number),
      equivocation: (flags & FLAG_EQUIVOCATION) !== 0,
      encrypted: (flags & FLAG_ENCRYPTED) !== 0,
      source: page.sources[columns.sources[at] as number] as string,
      receivedAt: columns.receivedAts[at] as number,
      raw: new Uint8Array(buffer, start, end - start),
    })
    start = end
  }
  return messages
}

function columnsOf(buffer: ArrayBuffer, count: number) {
  const words = (column: number) => new Uint32Array(buffer, count * (DOUBLES * 8 + column * 4), count)
  const bytes = (column: number) => new Uint8Array(buffer, count * (DOUBLES * 8 + WORDS * 4 + column), count)
  return {
    timestamps: new Float64Array(buffer, 0, count),
    receivedAts: new Float64Array(buffer, count * 8, count),
    sequences: words(0),
    publishers: words(1),
    chains: words(2),
    sources: words(3),
    rawEnds: words(4),
    verdicts: bytes(0),
    reasons: bytes(1),
    flags: bytes(2),
  }
}

/** Numbers of the names that occur in a page, in order of appearance. */
class PageNames {
  readonly keys: (number | string)[] = []
  readonly #indexes = new Map<number | string, number>()

  indexOf(key: number | string): number {
    let index = this.#indexes.get(key)
    if (index === undefined) {
      index = this.keys.push(key) - 1
      this.#indexes.set(key, index)
    }
    return index
  }
}
