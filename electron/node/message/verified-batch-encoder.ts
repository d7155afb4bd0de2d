import { streamPartId } from '../../../shared/message.ts'
import { verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import type { FieldValue, RefusedMessage, VerifiedMessage } from '../ports.ts'
import { Dictionary, grown } from './growable-columns.ts'
import {
  BATCH_MAGIC,
  BATCH_VERSION,
  DICTIONARIES,
  DIGEST_BYTES,
  type DictionaryName,
  FIELD_BOOLEAN,
  FIELD_NUMBER,
  FIELD_TEXT,
  FLAG_ENCRYPTED,
  HEADER_WORDS,
  layOutBatch,
  MAX_BATCH_MESSAGES,
} from './verified-batch-layout.ts'

const INITIAL_MESSAGES = 256
const INITIAL_FIELDS = 4_096

/**
 * Gathers verified messages into one transferable batch. A producer keeps one encoder and reuses it: columns
 * and dictionaries grow once. `raw` and `digest` of a message are referred to, not copied, until `finish`.
 */
export class VerifiedBatchEncoder {
  #timestamps = new Float64Array(INITIAL_MESSAGES)
  #previousTimestamps = new Float64Array(INITIAL_MESSAGES)
  #receivedAts = new Float64Array(INITIAL_MESSAGES)
  #sequences = new Uint32Array(INITIAL_MESSAGES)
  #previousSequences = new Uint32Array(INITIAL_MESSAGES)
  #parts = new Uint32Array(INITIAL_MESSAGES)
  #publishers = new Uint32Array(INITIAL_MESSAGES)
  #chains = new Uint32Array(INITIAL_MESSAGES)
  #sources = new Uint32Array(INITIAL_MESSAGES)
  #rawEnds = new Uint32Array(INITIAL_MESSAGES)
  #fieldEnds = new Uint32Array(INITIAL_MESSAGES)
  #verdicts = new Uint8Array(INITIAL_MESSAGES)
  #reasons = new Uint8Array(INITIAL_MESSAGES)
  #flags = new Uint8Array(INITIAL_MESSAGES)
  #fieldValues = new Float64Array(INITIAL_FIELDS)
  #fieldPaths = new Uint32Array(INITIAL_FIELDS)
  #fieldKinds = new Uint8Array(INITIAL_FIELDS)
  readonly #raws: Uint8Array[] = []
  readonly #digests: Uint8Array[] = []
  readonly #refused: RefusedMessage[] = []
  readonly #dictionaries: Record<DictionaryName, Dictionary> = {
    parts: new Dictionary(),
    publishers: new Dictionary(),
    chains: new Dictionary(),
    paths: new Dictionary(),
    sources: new Dictionary(),
    texts: new Dictionary(),
    reasons: new Dictionary(),
  }
  #lastPart = { streamId: '', partition: -1, index: -1 }
  #fieldCount = 0
  #rawBytes = 0
  #refusedBytes = 0

  /** Messages gathered since the last `finish`. */
  get messages(): number {
    return this.#raws.length
  }

  /** Raw bytes gathered since the last `finish`: what a producer bounds its batches by. */
  get rawBytes(): number {
    return this.#rawBytes + this.#refusedBytes
  }

  /** @throws RangeError when the batch already holds `MAX_BATCH_MESSAGES`, or the digest has not 32 bytes. */
  add(message: VerifiedMessage): void {
    const at = this.#raws.length
    if (at >= MAX_BATCH_MESSAGES) throw new RangeError(`A batch holds at most ${MAX_BATCH_MESSAGES} messages`)
    if (message.digest.length !== DIGEST_BYTES) {
      throw new RangeError(`A digest has ${DIGEST_BYTES} bytes, not ${message.digest.length}`)
    }
    if (at >= this.#timestamps.length) this.#growMessageColumns(at)
    const { id, previous } = message
    const { parts, publishers, chains, sources } = this.#dictionaries
    this.#timestamps[at] = id.timestamp
    this.#sequences[at] = id.sequence
    this.#previousTimestamps[at] = previous === undefined ? Number.NaN : previous.timestamp
    this.#previousSequences[at] = previous === undefined ? 0 : previous.sequence
    this.#receivedAts[at] = message.receivedAt
    this.#parts[at] = this.#partIndex(id.streamId, id.partition, parts)
    this.#publishers[at] = publishers.indexOf(id.publisher)
    this.#chains[at] = chains.indexOf(id.chain)
    this.#sources[at] = sources.indexOf(message.source)
    this.#verdicts[at] = verdictCode(message.verdict)
    this.#reasons[at] = verdictReasonCode(message.reason)
    this.#flags[at] = message.encrypted ? FLAG_ENCRYPTED : 0
    for (const field of message.fields) this.#addField(field)
    this.#fieldEnds[at] = this.#fieldCount
    this.#rawBytes += message.raw.length
    this.#rawEnds[at] = this.#rawBytes
    this.#raws.push(message.raw)
    this.#digests.push(message.digest)
  }

  addRefused(refused: RefusedMessage): void {
    this.#refused.push(refused)
    this.#refusedBytes += refused.raw.length
  }

  /** The batch as one buffer of its own; the encoder is empty afterwards. */
  finish(): ArrayBuffer {
    const messages = this.#raws.length
    const fields = this.#fieldCount
    const refused = this.#refused
    const refusedReasons = refused.map((entry) => this.#dictionaries.reasons.indexOf(entry.reason))
    const refusedSources = refused.map((entry) => this.#dictionaries.sources.indexOf(entry.source))
    const texts = DICTIONARIES.map((name) => encodeStrings(this.#dictionaries[name].strings))
    const counts = {
      messages,
      fields,
      refused: refused.length,
      rawBytes: this.#rawBytes,
      refusedBytes: this.#refusedBytes,
      textBytes: texts.reduce((sum, { bytes }) => sum + bytes.length, 0),
      dictionaries: texts.map(({ ends }) => ends.length),
    }
    const layout = layOutBatch(counts)
    const buffer = new ArrayBuffer(layout.totalBytes)
    const header = new Uint32Array(buffer, 0, HEADER_WORDS)
    header.set([BATCH_MAGIC, BATCH_VERSION, layout.totalBytes, messages, fields, refused.length])
    header.set([counts.rawBytes, counts.refusedBytes, counts.textBytes, texts.length], 6)
    header.set(counts.dictionaries, 10)

    const putDoubles = (offset: number, values: ArrayLike<number>): void =>
      new Float64Array(buffer, offset, values.length).set(values)
    const putWords = (offset: number, values: ArrayLike<number>): void =>
      new Uint32Array(buffer, offset, values.length).set(values)
    const bytes = new Uint8Array(buffer)
    putDoubles(layout.timestamps, this.#timestamps.subarray(0, messages))
    putDoubles(layout.previousTimestamps, this.#previousTimestamps.subarray(0, messages))
    putDoubles(layout.receivedAts, this.#receivedAts.subarray(0, messages))
    putDoubles(layout.fieldValues, this.#fieldValues.subarray(0, fields))
    putWords(layout.sequences, this.#sequences.subarray(0, messages))
    putWords(layout.previousSequences, this.#previousSequences.subarray(0, messages))
    putWords(layout.parts, this.#parts.subarray(0, messages))
    putWords(layout.publishers, this.#publishers.subarray(0, messages))
    putWords(layout.chains, this.#chains.subarray(0, messages))
    putWords(layout.sources, this.#sources.subarray(0, messages))
    putWords(layout.rawEnds, this.#rawEnds.subarray(0, messages))
    putWords(layout.fieldEnds, this.#fieldEnds.subarray(0, messages))
    putWords(layout.fieldPaths, this.#fieldPaths.subarray(0, fields))
    bytes.set(this.#verdicts.subarray(0, messages), layout.verdicts)
    bytes.set(this.#reasons.subarray(0, messages), layout.reasons)
    bytes.set(this.#flags.subarray(0, messages), layout.flags)
    bytes.set(this.#fieldKinds.subarray(0, fields), layout.fieldKinds)

    let textAt = layout.text
    texts.forEach((text, dictionary) => {
      putWords(layout.dictionaryEnds[dictionary] ?? 0, text.ends)
      bytes.set(text.bytes, textAt)
      textAt += text.bytes.length
    })
    this.#digests.forEach((digest, at) => {
      bytes.set(digest, layout.digests + at * DIGEST_BYTES)
    })
    let rawAt = layout.raw
    for (const raw of this.#raws) {
      bytes.set(raw, rawAt)
      rawAt += raw.length
    }
    putWords(layout.refusedReasons, refusedReasons)
    putWords(layout.refusedSources, refusedSources)
    putDoubles(
      layout.refusedAts,
      refused.map((entry) => entry.receivedAt),
    )
    const refusedEnds = new Uint32Array(buffer, layout.refusedEnds, refused.length)
    refused.forEach(({ raw }, at) => {
      bytes.set(raw, rawAt)
      rawAt += raw.length
      refusedEnds[at] = rawAt - layout.refusedRaw
    })
    this.#clear()
    return buffer
  }

  /** Neighbours in a batch mostly share their stream part: one comparison instead of one new string each. */
  #partIndex(streamId: string, partition: number, parts: Dictionary): number {
    const last = this.#lastPart
    if (last.streamId !== streamId || last.partition !== partition || last.index < 0) {
      this.#lastPart = { streamId, partition, index: parts.indexOf(streamPartId(streamId, partition)) }
    }
    return this.#lastPart.index
  }

  #addField([path, value]: FieldValue): void {
    const at = this.#fieldCount++
    if (at >= this.#fieldValues.length) {
      this.#fieldValues = grown(this.#fieldValues, at)
      this.#fieldPaths = grown(this.#fieldPaths, at)
      this.#fieldKinds = grown(this.#fieldKinds, at)
    }
    this.#fieldPaths[at] = this.#dictionaries.paths.indexOf(path)
    if (typeof value === 'number') {
      this.#fieldKinds[at] = FIELD_NUMBER
      this.#fieldValues[at] = value
    } else if (typeof value === 'boolean') {
      this.#fieldKinds[at] = FIELD_BOOLEAN
      this.#fieldValues[at] = value ? 1 : 0
    } else {
      this.#fieldKinds[at] = FIELD_TEXT
      this.#fieldValues[at] = this.#dictionaries.texts.indexOf(value)
    }
  }

  #growMessageColumns(at: number): void {
    this.#timestamps = grown(this.#timestamps, at)
    this.#previousTimestamps = grown(this.#previousTimestamps, at)
    this.#receivedAts = grown(this.#receivedAts, at)
    this.#sequences = grown(this.#sequences, at)
    this.#previousSequences = grown(this.#previousSequences, at)
    this.#parts = grown(this.#parts, at)
    this.#publishers = grown(this.#publishers, at)
    this.#chains = grown(this.#chains, at)
    this.#sources = grown(this.#sources, at)
    this.#rawEnds = grown(this.#rawEnds, at)
    this.#fieldEnds = grown(this.#fieldEnds, at)
    this.#verdicts = grown(this.#verdicts, at)
    this.#reasons = grown(this.#reasons, at)
    this.#flags = grown(this.#flags, at)
  }

  #clear(): void {
    this.#raws.length = 0
    this.#digests.length = 0
    this.#refused.length = 0
    for (const name of DICTIONARIES) this.#dictionaries[name].clear()
    this.#lastPart.index = -1
    this.#fieldCount = 0
    this.#rawBytes = 0
    this.#refusedBytes = 0
  }
}

/** UTF-8 of the strings one after another, and where each ends. Lone surrogates become U+FFFD. */
function encodeStrings(strings: readonly string[]): { bytes: Uint8Array; ends: Uint32Array } {
  const bytes = Buffer.allocUnsafe(strings.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
  const ends = new Uint32Array(strings.length)
  let end = 0
  strings.forEach((text, index) => {
    // One by one: joined first, a lone surrogate could pair with its neighbour.
    end += bytes.write(text, end)
    ends[index] = end
  })
  return { bytes, ends }
}
