import type { RawMessage } from '../ports.ts'

/**
 * Raw messages on their way to a worker: one transferable buffer of receipt times (float64), ends of the bytes and
 * indexes of the sources (uint32 each), then the bytes.
 */
export interface RawBatch {
  messages: number
  buffer: ArrayBuffer
  sources: string[]
}

const TIME_BYTES = 8
const WORD_BYTES = 4

export function packRawBatch(messages: readonly RawMessage[]): RawBatch {
  const count = messages.length
  const endsAt = count * TIME_BYTES
  const sourcesAt = endsAt + count * WORD_BYTES
  const bytesAt = sourcesAt + count * WORD_BYTES
  const total = messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const buffer = new ArrayBuffer(bytesAt + total)
  const receivedAts = new Float64Array(buffer, 0, count)
  const ends = new Uint32Array(buffer, endsAt, count)
  const sourceIndexes = new Uint32Array(buffer, sourcesAt, count)
  const raw = new Uint8Array(buffer, bytesAt, total)
  const indexOfSource = new Map<string, number>()
  let end = 0
  messages.forEach(({ bytes, source, receivedAt }, at) => {
    raw.set(bytes, end)
    end += bytes.length
    receivedAts[at] = receivedAt
    ends[at] = end
    let index = indexOfSource.get(source)
    if (index === undefined) {
      index = indexOfSource.size
      indexOfSource.set(source, index)
    }
    sourceIndexes[at] = index
  })
  return { messages: count, buffer, sources: [...indexOfSource.keys()] }
}

/** The messages of a batch, as views of its buffer. */
export function unpackRawBatch({ messages: count, buffer, sources }: RawBatch): RawMessage[] {
  const endsAt = count * TIME_BYTES
  const sourcesAt = endsAt + count * WORD_BYTES
  const receivedAts = new Float64Array(buffer, 0, count)
  const ends = new Uint32Array(buffer, endsAt, count)
  const sourceIndexes = new Uint32Array(buffer, sourcesAt, count)
  const raw = new Uint8Array(buffer, sourcesAt + count * WORD_BYTES)
  const unpacked: RawMessage[] = []
  let start = 0
  for (let at = 0; at < count; at++) {
    const end = ends[at] ?? start
    const source = sources[sourceIndexes[at] ?? 0] ?? ''
    unpacked.push({ bytes: raw.subarray(start, end), source, receivedAt: receivedAts[at] ?? 0 })
    start = end
  }
  return unpacked
}
