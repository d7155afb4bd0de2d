import type { StreamPartId } from '../../../../shared/message.ts'
import type { MessageStore } from '../../ports.ts'
import { toHex } from '../hex.ts'
import type { LogEntry } from '../ports.ts'
import type { JournalEntry } from './journal-file.ts'
import { LAST_SEQUENCE, MAX_PASSED_OVER } from './limits.ts'

/**
 * The messages of entries, in the order of the entries. What the store does not hold as verified any more is left
 * out. The store is read in order of time, leaping over long stretches of which nothing is wanted.
 */
export async function readEntries(
  store: Pick<MessageStore, 'query'>,
  part: StreamPartId,
  entries: readonly JournalEntry[],
  signal?: AbortSignal,
): Promise<LogEntry[]> {
  const wanted = [...entries].sort((a, b) => a.timestamp - b.timestamp || a.sequence - b.sequence)
  const last = wanted.at(-1)
  const raws = new Map<string, Uint8Array>()
  const digests = new Set(entries.map(({ digest }) => toHex(digest)))
  let next = 0
  while (last !== undefined && next < wanted.length) {
    const start = wanted[next] ?? last
    const query = {
      part,
      from: { timestamp: start.timestamp, sequence: start.sequence },
      to: { timestamp: last.timestamp, sequence: LAST_SEQUENCE },
      verdicts: ['verified'] as const,
    }
    next = await readRun(store.query(query, signal), wanted, next, digests, raws)
  }
  return entries.flatMap(({ position, timestamp, digest }) => {
    const raw = raws.get(toHex(digest))
    return raw === undefined ? [] : [{ position, timestamp, raw }]
  })
}

/** Reads until too much was read for nothing; returns the first of `wanted` that lies behind what was read. */
async function readRun(
  batches: AsyncIterable<
    { id: { timestamp: number; sequence: number }; digest: Uint8Array; raw: Uint8Array }[]
  >,
  wanted: readonly JournalEntry[],
  from: number,
  digests: ReadonlySet<string>,
  raws: Map<string, Uint8Array>,
): Promise<number> {
  let next = from
  let passedOver = 0
  for await (const batch of batches) {
    for (const { id, digest, raw } of batch) {
      const key = toHex(digest)
      if (digests.has(key)) {
        // A copy: the bytes are a view of the whole page they came with.
        raws.set(key, Uint8Array.from(raw))
        passedOver = 0
        continue
      }
      passedOver += 1
      if (passedOver < MAX_PASSED_OVER) continue
      for (let entry = wanted[next]; entry !== undefined; entry = wanted[next]) {
        const isBehind =
          entry.timestamp > id.timestamp || (entry.timestamp === id.timestamp && entry.sequence > id.sequence)
        if (isBehind) return next
        next += 1
      }
      return next
    }
  }
  return wanted.length
}
