import type { PermissionAnswer } from '../ports.ts'
import { ZERO_ADDRESS } from './registry-contracts.ts'

/**
 * When a permission counts, in the time of messages.
 *
 * A message carries its publisher's clock in milliseconds; the chain says in which block, and so in which whole
 * second, a permission changed. The two clocks differ, so:
 *
 * - A change that gives more (a later expiration) counts from its block's time **minus the grant lead**. Nodes
 *   of public chains accept blocks up to 15 s ahead of their clock (go-ethereum's allowance for future blocks),
 *   and publishers' clocks lag: an honest message sent right after the grant may carry a time before it.
 * - A change that takes away counts **from its block's time**: what is stamped later was published without
 *   right. A message stamped in the same second before the transaction is judged as after it.
 * - An expiration E (seconds) includes second E, as in the contract (`publishExpiration >= block.timestamp`); one
 *   that had passed when it was set never gave a right.
 * - Changes of one grantee in one second count as the last of them, and those in the second in which the stream
 *   was deleted do not count: a right has to outlive its second to have been there.
 * - A stream exists from its creation minus the grant lead until the time of the block that deleted it.
 *   Permissions do not outlive it: one created anew under the same id starts without them, as in the contract.
 * - A change never counts before one that came earlier on the chain; so a loss of rights shorter than the
 *   grant lead, and followed by a grant, is not seen.
 */
export const GRANT_LEAD_MS = 15_000
/** On the chain of the local network all clocks are the same clock, and block time is never ahead of it. */
export const LOCAL_GRANT_LEAD_MS = 1_000

/** End of all time, for answers that hold until something changes. */
export const FOREVER_MS = Number.MAX_SAFE_INTEGER
/** Expirations beyond this are for ever; kept clear of what a number can hold in milliseconds. */
const LAST_SECOND = Math.floor(FOREVER_MS / 1_000) - 1

/** A block of the chain, with its time in seconds. */
export interface Moment {
  block: number
  timestamp: number
  transaction: string
}

/** A stream under its id from one creation to its deletion. */
export interface StreamLife {
  created: Moment
  deleted: Moment | null
  /** Its beginning was not seen: what is known begins with the contract’s state at this block. */
  isBaseline?: boolean
  /** All changes for the publisher and for everybody in this life, in the order of the chain. */
  changes: readonly PublishChange[]
}

export interface PublishChange extends Moment {
  /** Lower-case user id; the zero address for everybody. */
  grantee: string
  publishExpiration: bigint
}

export type PublishRight = Pick<PermissionAnswer, 'validFrom' | 'validTo'> & {
  state: 'permitted' | 'denied' | 'expired' | 'no-stream'
  change: PublishChange | null
}

interface Stretch {
  from: number
  to: number
  /** First moment at which the right has run out. */
  expiresAt: number
  change: PublishChange
}

function expiryMs(expiration: bigint): number {
  if (expiration === 0n) return 0
  return expiration > BigInt(LAST_SECOND) ? FOREVER_MS : (Number(expiration) + 1) * 1_000
}

/** The changes of one grantee as stretches of message time that follow each other. */
function stretchesOf(
  changes: readonly PublishChange[],
  grantee: string,
  life: { from: number; to: number },
  grantLeadMs: number,
): Stretch[] {
  const own = changes.filter((change) => change.grantee === grantee && change.timestamp * 1_000 < life.to)
  const lastOfSecond = own.filter((change, index) => own[index + 1]?.timestamp !== change.timestamp)
  const stretches: Stretch[] = []
  let givenUntil = 0
  let earliest = life.from
  for (const change of lastOfSecond) {
    const expiresAt = expiryMs(change.publishExpiration)
    const givesUntil = expiresAt > change.timestamp * 1_000 ? expiresAt : 0
    const lead = givesUntil > givenUntil ? grantLeadMs : 0
    const from = Math.min(Math.max(change.timestamp * 1_000 - lead, earliest), life.to)
    const previous = stretches.at(-1)
    if (previous !== undefined) previous.to = from
    stretches.push({ from, to: life.to, expiresAt, change })
    givenUntil = givesUntil
    earliest = from
  }
  return stretches
}

function lifeSpans(lives: readonly StreamLife[], grantLeadMs: number): { from: number; to: number }[] {
  let earliest = 0
  return lives.map((life) => {
    const lead = life.created.timestamp === life.deleted?.timestamp ? 0 : grantLeadMs
    const from = Math.max(life.created.timestamp * 1_000 - lead, earliest)
    const to = life.deleted === null ? FOREVER_MS : Math.max(life.deleted.timestamp * 1_000, from)
    earliest = to
    return { from, to }
  })
}

/**
 * Whether `publisher` could publish at `atMs`, by what the chain says as far as it is known here, and the
 * stretch of time around `atMs` in which the answer is the same.
 * @param lives every life of the stream, in the order of the chain
 */
export function publishRightAt(
  lives: readonly StreamLife[],
  publisher: string,
  atMs: number,
  grantLeadMs: number,
): PublishRight {
  const spans = lifeSpans(lives, grantLeadMs)
  const boundaries = spans.flatMap((span) => [span.from, span.to])
  const index = spans.findIndex((span) => span.from <= atMs && atMs < span.to)
  const life = lives[index]
  const span = spans[index]
  if (life === undefined || span === undefined) {
    return { state: 'no-stream', change: null, ...around(boundaries, atMs) }
  }
  const grantees = publisher === ZERO_ADDRESS ? [publisher] : [publisher, ZERO_ADDRESS]
  const stretches = grantees.map((grantee) => stretchesOf(life.changes, grantee, span, grantLeadMs))
  for (const stretch of stretches.flat()) boundaries.push(stretch.from, stretch.to, stretch.expiresAt)
  const range = around(boundaries, atMs)

  // An empty stretch (`from` = `to`) holds no time and is never found here.
  const current = stretches.map((list) => list.find(({ from, to }) => from <= atMs && atMs < to))
  const inForce = current.find((stretch) => stretch !== undefined && atMs < stretch.expiresAt)
  if (inForce !== undefined) return { state: 'permitted', change: inForce.change, ...range }
  const expired = current.find((stretch) => stretch !== undefined && stretch.expiresAt > 0)
  if (expired !== undefined) return { state: 'expired', change: expired.change, ...range }
  return { state: 'denied', change: current[0]?.change ?? null, ...range }
}

function around(boundaries: readonly number[], atMs: number): { validFrom: number; validTo: number } {
  let validFrom = 0
  let validTo = FOREVER_MS
  for (const boundary of boundaries) {
    if (boundary <= atMs && boundary > validFrom) validFrom = boundary
    if (boundary > atMs && boundary < validTo) validTo = boundary
  }
  return { validFrom, validTo }
}
