/**
 * A row of the pyramid of one publisher: 16 fields of one bucket.
 *
 *     length of what follows = 24 bits
 *     bucket
 *     in chunk 0: verified, pending, unauthorised, gaps
 *     number of numeric fields, number of state fields; if there are any:
 *     shared times: count, first timestamp, first sequence, [span to last timestamp, last sequence]
 *     numeric fields, each: slot, form, [own times], figures
 *     state fields, each: slot, form, [own times], first state, [last state]
 *
 * Whole numbers are LEB128, figures are doubles, timestamps count from the start of the bucket, and what belongs to
 * the last message is left out where there is but one. Messages of one publisher mostly carry the same fields, so
 * count and times are written once, and only fields that differ carry their own: a bucket of one message costs ten
 * bytes a field.
 *
 * A row says its own length and bucket, so that SQLite can hand over a thousand of them as one value: taken one by
 * one they cost seven times as much.
 */
export const LENGTH_BYTES = 3

/** Bits of the form of a field. */
export const OWN_TIMES = 1
/** All values of a numeric field are the same: one figure stands for all. */
export const CONSTANT = 2
/** More than one state occurs: the last one is written too. */
export const MIXED = 4

/** How many values a field has in a bucket, and when the first and the last of them were. */
export interface Times {
  count: number
  firstTimestamp: number
  firstSequence: number
  lastTimestamp: number
  lastSequence: number
}
