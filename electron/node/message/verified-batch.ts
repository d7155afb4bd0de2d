import type { MessageRef } from '../../../shared/message.ts'
import { parseStreamPartId } from '../../../shared/message.ts'
import { VERDICT_REASONS, VERDICTS, verdictOf, verdictReasonOf } from '../../../shared/verdict.ts'
import type { FieldValue, RefusedMessage, VerifiedMessage } from '../ports.ts'
import { MAX_SEQUENCE, MAX_TIMESTAMP_MS } from './limits.ts'
import { VerifiedBatchEncoder } from './verified-batch-encoder.ts'
import {
  BATCH_MAGIC,
  BATCH_VERSION,
  type BatchLayout,
  DICTIONARIES,
  DIGEST_BYTES,
  FIELD_BOOLEAN,
  FIELD_NUMBER,
  FIELD_TEXT,
  FLAG_ENCRYPTED,
  HEADER_WORDS,
  layOutBatch,
  MAX_BATCH_MESSAGES,
} from './verified-batch-layout.ts'

export { VerifiedBatchEncoder }

/** A batch could not be read: its producer has a defect, or the buffer was cut. Nothing of it is used. */
export class VerifiedBatchDamaged extends Error {
  override readonly name = 'VerifiedBatchDamaged'
}

/**
 * Columns of a batch, as views into its buffer. Item `i` of every message column belongs to message `i`; its
 * fields are `fieldEnds[i - 1] .. fieldEnds[i]` of the field columns, its raw bytes likewise by `rawEnds`.
 * `previousTimestamps` is NaN where a message names no predecessor.
 */
export interface VerifiedBatch {
  readonly messages: number
  readonly timestamps: Float64Array
  readonly sequences: Uint32Array
  readonly previousTimestamps: Float64Array
  readonly previousSequences: Uint32Array
  readonly receivedAts: Float64Array
  /** Indexes into the dictionaries of the same name. */
  readonly partIndexes: Uint32Array
  readonly publisherIndexes: Uint32Array
  readonly chainIndexes: Uint32Array
  readonly sourceIndexes: Uint32Array
  readonly verdicts: Uint8Array
  readonly reasons: Uint8Array
  readonly flags: Uint8Array
  readonly digests: Uint8Array
  /** The digests again, as eight 32-bit words each. */
  readonly digestWords: Uint32Array
  readonly raw: Uint8Array
  readonly rawEnds: Uint32Array
  readonly fieldEnds: Uint32Array
  readonly fieldPaths: Uint32Array
  readonly fieldKinds: Uint8Array
  readonly fieldValues: Float64Array
  readonly parts: readonly string[]
  readonly publishers: readonly string[]
  readonly chains: readonly string[]
  readonly paths: readonly string[]
  readonly sources: readonly string[]
  /** Text of a field value whose kind is `FIELD_TEXT`. */
  text(index: number): string
  readonly refused: readonly RefusedMessage[]
}

/** Packs messages, and bytes that were refused, into one transferable buffer. */
export function encodeVerifiedBatch(
  messages: Iterable<VerifiedMessage>,
  refused: Iterable<RefusedMessage> = [],
): ArrayBuffer {
  const encoder = new VerifiedBatchEncoder()
  for (const message of messages) encoder.add(message)
  for (const entry of refused) encoder.addRefused(entry)
  return encoder.finish()
}

/**
 * Views into a batch, after checking that every length, offset, index and code in it is within bounds.
 * @throws VerifiedBatchDamaged when one is not.
 */
export function readVerifiedBatch(buffer: ArrayBuffer): VerifiedBatch {
  const { counts, layout } = readHeader(buffer)
  const { messages: n, fields: f, refused: r } = counts
  const doubles = (offset: number, length: number): Float64Array => new Float64Array(buffer, offset, length)
  const words = (offset: number, length: number): Uint32Array => new Uint32Array(buffer, offset, length)
  const bytes = (offset: number, length: number): Uint8Array => new Uint8Array(buffer, offset, length)

  const dictionaries = sliceDictionaries(buffer, counts.dictionaries, layout, counts.textBytes)
  const [parts, publishers, chains, paths, sources] = dictionaries.map((slices) => slices.all())
  const texts = dictionaries[DICTIONARIES.indexOf('texts')]
  const refusalReasons = dictionaries[DICTIONARIES.indexOf('reasons')]
  if (!parts || !publishers || !chains || !paths || !sources || !texts || !refusalReasons) {
    throw new VerifiedBatchDamaged('A dictionary is missing')
  }

  const batch: VerifiedBatch = {
    messages: n,
    timestamps: doubles(layout.timestamps, n),
    previousTimestamps: doubles(layout.previousTimestamps, n),
    receivedAts: doubles(layout.receivedAts, n),
    fieldValues: doubles(layout.fieldValues, f),
    sequences: words(layout.sequences, n),
    previousSequences: words(layout.previousSequences, n),
    partIndexes: words(layout.parts, n),
    publisherIndexes: words(layout.publishers, n),
    chainIndexes: words(layout.chains, n),
    sourceIndexes: words(layout.sources, n),
    rawEnds: words(layout.rawEnds, n),
    fieldEnds: words(layout.fieldEnds, n),
    fieldPaths: words(layout.fieldPaths, f),
    verdicts: bytes(layout.verdicts, n),
    reasons: bytes(layout.reasons, n),
    flags: bytes(layout.flags, n),
    fieldKinds: bytes(layout.fieldKinds, f),
    digests: bytes(layout.digests, n * DIGEST_BYTES),
    digestWords: words(layout.digests, (n * DIGEST_BYTES) / 4),
    raw: bytes(layout.raw, counts.rawBytes),
    parts,
    publishers,
    chains,
    paths,
    sources,
    text: (index) => texts.at(index),
    refused: [],
  }
  assertBelow('part index', batch.partIndexes, parts.length)
  assertBelow('publisher index', batch.publisherIndexes, publishers.length)
  assertBelow('chain index', batch.chainIndexes, chains.length)
  assertBelow('source index', batch.sourceIndexes, sources.length)
  assertTimes('timestamp', batch.timestamps)
  assertTimes('time of receipt', batch.receivedAts)
  assertBelow('sequence number', batch.sequences, MAX_SEQUENCE + 1)
  assertBelow('field path index', batch.fieldPaths, paths.length)
  assertBelow('verdict', batch.verdicts, VERDICTS.length)
  assertBelow('verdict reason', batch.reasons, VERDICT_REASONS.length)
  assertBelow('field kind', batch.fieldKinds, FIELD_TEXT + 1)
  assertEnds('raw bytes', batch.rawEnds, counts.rawBytes)
  assertEnds('fields', batch.fieldEnds, f)
  for (let at = 0; at < f; at++) {
    const value = batch.fieldValues[at] ?? 0
    if (batch.fieldKinds[at] !== FIELD_NUMBER && !(Number.isInteger(value) && value >= 0)) {
      throw new VerifiedBatchDamaged('A field value is out of bounds')
    }
    if (batch.fieldKinds[at] === FIELD_TEXT && value >= texts.length) {
      throw new VerifiedBatchDamaged('A text index is out of bounds')
    }
  }

  const refusedReasons = words(layout.refusedReasons, r)
  const refusedSources = words(layout.refusedSources, r)
  const refusedEnds = words(layout.refusedEnds, r)
  assertBelow('refusal reason', refusedReasons, refusalReasons.length)
  assertBelow('refusal source', refusedSources, sources.length)
  assertEnds('refused bytes', refusedEnds, counts.refusedBytes)
  const refusedAts = doubles(layout.refusedAts, r)
  const refusedRaw = bytes(layout.refusedRaw, counts.refusedBytes)
  return {
    ...batch,
    refused: Array.from({ length: r }, (_, at) => ({
      reason: refusalReasons.at(refusedReasons[at] ?? 0),
      source: sources[refusedSources[at] ?? 0] ?? '',
      receivedAt: refusedAts[at] ?? 0,
      raw: refusedRaw.subarray(at === 0 ? 0 : refusedEnds[at - 1], refusedEnds[at]),
    })),
  }
}

/** Message `at` of a batch as an object: for tests and for the paths that are not hot. */
export function messageOfBatch(batch: VerifiedBatch, at: number): VerifiedMessage {
  if (!(at >= 0 && at < batch.messages)) throw new RangeError(`The batch has no message ${at}`)
  const word = (column: ArrayLike<number>, index = at): number => column[index] ?? 0
  const before = (ends: Uint32Array): number => (at === 0 ? 0 : word(ends, at - 1))
  const { streamId, partition } = parseStreamPartId(batch.parts[word(batch.partIndexes)] ?? '')
  const previous: MessageRef | undefined = Number.isNaN(word(batch.previousTimestamps))
    ? undefined
    : { timestamp: word(batch.previousTimestamps), sequence: word(batch.previousSequences) }
  const fields: FieldValue[] = []
  for (let field = before(batch.fieldEnds); field < word(batch.fieldEnds); field++) {
    const kind = word(batch.fieldKinds, field)
    const value = word(batch.fieldValues, field)
    const path = batch.paths[word(batch.fieldPaths, field)] ?? ''
    fields.push([
      path,
      kind === FIELD_NUMBER ? value : kind === FIELD_BOOLEAN ? value !== 0 : batch.text(value),
    ])
  }
  return {
    id: {
      streamId,
      partition,
      timestamp: word(batch.timestamps),
      sequence: word(batch.sequences),
      publisher: batch.publishers[word(batch.publisherIndexes)] ?? '',
      chain: batch.chains[word(batch.chainIndexes)] ?? '',
    },
    previous,
    digest: batch.digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES),
    verdict: verdictOf(word(batch.verdicts)),
    reason: verdictReasonOf(word(batch.reasons)),
    source: batch.sources[word(batch.sourceIndexes)] ?? '',
    receivedAt: word(batch.receivedAts),
    encrypted: (word(batch.flags) & FLAG_ENCRYPTED) !== 0,
    fields,
    raw: batch.raw.subarray(before(batch.rawEnds), word(batch.rawEnds)),
  }
}

function readHeader(buffer: ArrayBuffer) {
  if (buffer.byteLength < HEADER_WORDS * 4)
    throw new VerifiedBatchDamaged('The batch is shorter than its header')
  const header = new Uint32Array(buffer, 0, HEADER_WORDS)
  const word = (at: number): number => header[at] ?? 0
  if (word(0) !== BATCH_MAGIC || word(1) !== BATCH_VERSION)
    throw new VerifiedBatchDamaged('Not a verified batch')
  const counts = {
    messages: word(3),
    fields: word(4),
    refused: word(5),
    rawBytes: word(6),
    refusedBytes: word(7),
    textBytes: word(8),
    dictionaries: Array.from(header.subarray(10, 10 + DICTIONARIES.length)),
  }
  const layout = layOutBatch(counts)
  if (
    word(9) !== DICTIONARIES.length ||
    counts.messages > MAX_BATCH_MESSAGES ||
    word(2) !== layout.totalBytes ||
    buffer.byteLength !== layout.totalBytes
  ) {
    throw new VerifiedBatchDamaged('The header does not fit the length of the batch')
  }
  return { counts, layout }
}

/** Strings of one dictionary, decoded when asked for. */
interface StringSlices {
  readonly length: number
  at(index: number): string
  all(): string[]
}

function sliceDictionaries(
  buffer: ArrayBuffer,
  counts: readonly number[],
  layout: BatchLayout,
  textBytes: number,
): StringSlices[] {
  const text = Buffer.from(buffer, layout.text, textBytes)
  let start = 0
  const dictionaries = counts.map((length, dictionary): StringSlices => {
    const ends = new Uint32Array(buffer, layout.dictionaryEnds[dictionary] ?? 0, length)
    const base = start
    for (const end of ends) {
      if (base + end > textBytes || base + end < start)
        throw new VerifiedBatchDamaged('A string is out of bounds')
      start = base + end
    }
    const at = (index: number): string => {
      if (index >= length) throw new VerifiedBatchDamaged('A string index is out of bounds')
      return text.toString(
        'utf8',
        base + (index === 0 ? 0 : (ends[index - 1] ?? 0)),
        base + (ends[index] ?? 0),
      )
    }
    return { length, at, all: () => Array.from({ length }, (_, index) => at(index)) }
  })
  if (start !== textBytes) throw new VerifiedBatchDamaged('The dictionaries do not fill their text')
  return dictionaries
}

function assertBelow(what: string, column: ArrayLike<number>, bound: number): void {
  for (let at = 0; at < column.length; at++) {
    if ((column[at] ?? 0) >= bound) throw new VerifiedBatchDamaged(`A ${what} is out of bounds`)
  }
}

function assertTimes(what: string, times: Float64Array): void {
  for (const time of times) {
    if (!(Number.isInteger(time) && time >= 0 && time <= MAX_TIMESTAMP_MS)) {
      throw new VerifiedBatchDamaged(`A ${what} is out of bounds`)
    }
  }
}

function assertEnds(what: string, ends: Uint32Array, total: number): void {
  let last = 0
  for (let at = 0; at < ends.length; at++) {
    const end = ends[at] ?? 0
    if (end < last) throw new VerifiedBatchDamaged(`The ends of ${what} do not rise`)
    last = end
  }
  if (last !== total) throw new VerifiedBatchDamaged(`The ends of ${what} do not fill the batch`)
}
