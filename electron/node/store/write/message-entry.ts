import type { StoredMark } from '../../../../shared/message-mark.ts'
import { VERDICTS, verdictReasonCode } from '../../../../shared/verdict.ts'

export const VERIFIED = VERDICTS.indexOf('verified')
export const PENDING = VERDICTS.indexOf('pending')
export const UNAUTHORISED = VERDICTS.indexOf('unauthorised')
export const FORGED = VERDICTS.indexOf('forged')

const PERMISSION_UNKNOWN = verdictReasonCode('permission-unknown')
const STREAM_UNKNOWN = verdictReasonCode('stream-unknown')

/** Bits of the `flags` column; the first is that of a verified batch. Migration 3 indexes the others. */
export const FLAG_EQUIVOCATION = 2
/** The claimed time is out of bounds of the moment it was first seen: `shared/clock-standing.ts`. */
export const FLAG_CLOCK = 4
export const MARK_FLAGS: Readonly<Record<StoredMark, number>> = {
  equivocation: FLAG_EQUIVOCATION,
  clock: FLAG_CLOCK,
}

/**
 * Whether the verdict says that the publisher signed these bytes. Only then do they take the message's place in
 * `messages`: a forged copy, or one whose signature nobody could check yet, must never stand where the genuine
 * one belongs. Of pending messages only those that wait for a permission alone are known to be signed.
 */
export function isSignatureProven(verdict: number, reason: number): boolean {
  if (verdict === PENDING) return reason === PERMISSION_UNKNOWN || reason === STREAM_UNKNOWN
  return verdict === VERIFIED || verdict === UNAUTHORISED
}

/** One message on its way into the tables, with names already interned. One object is reused for a whole batch. */
export interface MessageEntry {
  timestamp: number
  sequence: number
  publisher: string
  chain: string
  /** NaN when the message names no predecessor. */
  previousTimestamp: number
  previousSequence: number
  digest: Buffer
  verdict: number
  reason: number
  flags: number
  source: number
  receivedAt: number
  raw: Buffer
}

/** Whether the message names a predecessor that lies before it; another is no predecessor. */
export function hasPredecessor(entry: MessageEntry): boolean {
  return (
    entry.previousTimestamp < entry.timestamp ||
    (entry.previousTimestamp === entry.timestamp && entry.previousSequence < entry.sequence)
  )
}

/** What names one content of one message. */
export interface MessageKey {
  timestamp: number
  sequence: number
  publisher: string
  chain: string
  digest: Uint8Array
}
