import { MAX_MESSAGE_BYTES, MAX_STREAM_ID_BYTES, MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import {
  CELLS_PER_FRAME,
  FINGERPRINT_BYTES,
  MAX_BUCKETS,
  MAX_FRAME_BYTES,
  MAX_LISTED_IDS,
  MAX_MESSAGES_PER_FRAME,
  MAX_SKETCHED_IDS,
} from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import { MAX_SKETCH_CELLS } from '../riblt/cell-encoder.ts'
import { cellsSizeBytes } from '../riblt/cells.ts'
import { MAX_GOLOMB_BITS } from '../riblt/golomb-set.ts'
import { SESSION_NONCE_BYTES } from '../riblt/short-ids.ts'
import { type FieldsOf, readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'
import { decodeLength, encodeLength } from '../wire/length.ts'

const MAX_PART_BYTES = MAX_STREAM_ID_BYTES + 4
const MAX_COUNT = Number.MAX_SAFE_INTEGER
const BITMAP_BYTES = MAX_BUCKETS / 8

/**
 * The messages of a session, in the order in which they may come. Their field numbers and bounds stand here once;
 * `docs/PROTOCOL.md` says what they mean.
 */
const SCHEMAS = {
  /** Asker: what I hold, bucket by bucket. */
  opening: {
    part: { field: 1, kind: 'text', max: MAX_PART_BYTES },
    /** Start of the first bucket, ms. */
    start: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
    widthMs: { field: 3, kind: 'number', max: MAX_TIMESTAMP_MS },
    nonce: { field: 4, kind: 'bytes', max: SESSION_NONCE_BYTES },
    /** Messages in each bucket; their number is the number of buckets. */
    counts: { field: 5, kind: 'numbers', items: MAX_BUCKETS, max: MAX_COUNT },
    /** Of the buckets that are not empty, back to back. */
    fingerprints: { field: 6, kind: 'bytes', max: MAX_BUCKETS * FINGERPRINT_BYTES },
  },
  /** Answerer: which buckets differ and how many messages I hold in each of those. */
  differences: {
    nonce: { field: 1, kind: 'bytes', max: SESSION_NONCE_BYTES },
    differing: { field: 2, kind: 'bytes', max: BITMAP_BYTES },
    counts: { field: 3, kind: 'numbers', items: MAX_BUCKETS, max: MAX_COUNT },
    /** Cells that follow at once. */
    cells: { field: 4, kind: 'number', max: MAX_SKETCH_CELLS },
    /** 1: a list follows at once instead of cells. */
    listed: { field: 5, kind: 'number', max: 1 },
    /** 1: send me what I lack. */
    healing: { field: 6, kind: 'number', max: 1 },
  },
  cells: {
    cells: { field: 1, kind: 'bytes', max: cellsSizeBytes(0, CELLS_PER_FRAME) },
  },
  /** Asker: extend the sketch to this many cells in all. */
  more: {
    total: { field: 1, kind: 'number', max: MAX_SKETCH_CELLS },
  },
  /** Asker: the sketch will not do, send the list of ids. */
  listRequest: {},
  list: {
    count: { field: 1, kind: 'number', max: MAX_LISTED_IDS },
    bits: { field: 2, kind: 'number', max: MAX_GOLOMB_BITS },
    bytes: { field: 3, kind: 'bytes', max: MAX_FRAME_BYTES },
  },
  /** Asker: send me these messages. */
  want: {
    /** Differing buckets of which I have nothing and want everything. */
    whole: { field: 1, kind: 'bytes', max: BITMAP_BYTES },
    /** Coded set of the ids I lack, after a sketch. */
    count: { field: 2, kind: 'number', max: MAX_SKETCHED_IDS },
    bits: { field: 3, kind: 'number', max: MAX_GOLOMB_BITS },
    names: { field: 4, kind: 'bytes', max: MAX_FRAME_BYTES },
    /** Positions in the list that was sent, after a list. */
    positions: { field: 5, kind: 'bytes', max: Math.ceil(MAX_LISTED_IDS / 8) },
  },
  /** Either side: messages as their publishers signed them. */
  messages: {
    raw: { field: 1, kind: 'chunks', items: MAX_MESSAGES_PER_FRAME, max: MAX_MESSAGE_BYTES },
  },
  /** Either side: that was all. */
  end: {
    count: { field: 1, kind: 'number', max: MAX_COUNT },
  },
  /** Answerer: what became of the messages it was sent. */
  receipt: {
    stored: { field: 1, kind: 'number', max: MAX_COUNT },
    refused: { field: 2, kind: 'number', max: MAX_COUNT },
  },
  /** Answerer: no, and why. */
  refusal: {
    code: { field: 1, kind: 'number', max: 255 },
  },
} as const satisfies Record<string, Schema>

/** Kind of a frame by the number of the field that holds it. Append, never renumber. */
const KINDS = [
  'opening',
  'differences',
  'cells',
  'more',
  'listRequest',
  'list',
  'want',
  'messages',
  'end',
  'receipt',
  'refusal',
] as const satisfies readonly (keyof typeof SCHEMAS)[]

export type FrameKind = (typeof KINDS)[number]
/** A frame of one of the kinds `K`. */
export type FrameOf<K extends FrameKind> = K extends FrameKind
  ? { readonly kind: K } & Readonly<FieldsOf<(typeof SCHEMAS)[K]>>
  : never
export type Frame = FrameOf<FrameKind>

/** Why an answerer refuses, by its number on the wire. Append, never renumber. */
export const REFUSALS = ['busy', 'not-shared', 'range-too-large', 'malformed', 'list-too-long'] as const
export type RefusalCode = (typeof REFUSALS)[number] | 'unknown'

export function refusalOf(code: number): RefusalCode {
  return REFUSALS[code - 1] ?? 'unknown'
}

export function refusalFrame(code: (typeof REFUSALS)[number]): Frame {
  return { kind: 'refusal', code: REFUSALS.indexOf(code) + 1 }
}

/** The bytes of one frame: a protobuf message with one field, whose number is the kind. */
export function encodeFrame(frame: Frame): Uint8Array {
  const schema: Schema = SCHEMAS[frame.kind]
  const body = writeFields(schema, frame as unknown as FieldsOf<Schema>)
  return Buffer.concat([Uint8Array.of(tagOf(frame.kind)), encodeLength(body.length), body])
}

/**
 * @param bytes one frame, at most `MAX_FRAME_BYTES`; byte fields of the result are views of it.
 * @throws {PeerFault} `malformed` or `too-large`
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const kind = KINDS.find((known) => tagOf(known) === bytes[0])
  if (kind === undefined) throw new PeerFault('malformed', 'A frame is of no known kind.')
  const prefix = decodeLength(bytes, 1)
  const body = bytes.subarray(1 + (prefix?.sizeBytes ?? 0))
  if (prefix?.length !== body.length) {
    throw new PeerFault('malformed', 'A frame has another length than it says.')
  }
  return { kind, ...readFields(body, SCHEMAS[kind] as Schema) } as unknown as Frame
}

/** Tag of a length-delimited protobuf field; one byte while there are fewer than 16 kinds. */
function tagOf(kind: FrameKind): number {
  return ((KINDS.indexOf(kind) + 1) << 3) | 2
}
