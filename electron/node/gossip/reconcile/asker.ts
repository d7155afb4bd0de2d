import { randomBytes } from 'node:crypto'
import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_SKETCHED_IDS } from '../limits.ts'
import { PeerFault, type PeerFaultCode } from '../peer-fault.ts'
import type { FingerprintColumns, ReconcileStore } from '../ports.ts'
import { SESSION_NONCE_BYTES, type SessionKey, sessionKey } from '../riblt/short-ids.ts'
import { bitmapOf, isInBitmap } from '../wire/bitmap.ts'
import { AskedMessages, type NamedIds } from './asked-messages.ts'
import { type BucketComparison, compareBuckets, countIn, rowsIn } from './bucket-comparison.ts'
import { type BucketGrid, gridEnd, gridFor } from './bucket-grid.ts'
import { type BucketSums, fingerprintsOf, sumsOf } from './bucket-sums.ts'
import type { DigestSets } from './digest-sets.ts'
import { differenceOf, type FoundDifference, findDifference } from './find-difference.ts'
import type { FrameChannel } from './frame-channel.ts'
import { type FrameOf, type RefusalCode, refusalOf } from './frames.ts'
import { IncomingMessages, type ReceivedMessage } from './incoming-messages.ts'
import { messagePortions, readWanted } from './wanted-messages.ts'

/** Differing buckets without a difference: a message that came in between explains a few of them, not this many. */
const FALSE_BUCKETS = 8

const NOTHING_NAMED: NamedIds = { numbers: new Float64Array(0), count: 0, bits: 1 }

export interface AskerOptions {
  channel: FrameChannel
  store: ReconcileStore
  sets: DigestSets
  part: StreamPartId
  /** The range `from <= timestamp < to`, ms; widened to whole buckets. */
  from: number
  to: number
  /**
   * Takes messages the peer sent, the next ones only after it has resolved. They were asked for; whether they are
   * signed well is for it to find out, and to throw `PeerFault` `forged` where not.
   */
  accept: (messages: readonly ReceivedMessage[]) => Promise<void>
  /** Whether the peer is sent what it lacks, where it wants that. */
  heal: boolean
  signal: AbortSignal
}

export interface ReconcileReport {
  /** `split`: the sets differ too much for one session, ask for parts of the range instead. */
  outcome: 'complete' | 'split' | 'failed'
  /** Requests this node sent and had to wait for. */
  rounds: number
  /** Messages the peer has and this node lacked, whole buckets included. */
  lacking: number
  /** Messages this node has and the peer lacked, whole buckets included. */
  surplus: number
  received: number
  receivedMessageBytes: number
  /** Messages sent to the peer because it lacks them, and how many of them it said it stored. */
  healed: { sent: number; sentMessageBytes: number; stored: number }
  /** What the peer did that an honest one hardly ever does, without its ending the session. */
  suspicions: PeerFaultCode[]
  /** What ended the session early. */
  fault: PeerFault | null
  /** Why the peer refused, where it did. */
  refusal: RefusalCode | null
}

/**
 * Finds what this node and a peer do not share in a range of a stream part, and fetches what this node lacks.
 * @returns a report, also when the peer fails or lies: `fault` then says how.
 * @throws the reason of `signal` when that aborted, and whatever `accept` and the store throw.
 */
export async function askPeer(options: AskerOptions): Promise<ReconcileReport> {
  const asker = new Asker(options)
  try {
    await asker.run()
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error
    asker.report.outcome = 'failed'
    asker.report.fault = error
  }
  return asker.report
}

/** The report of a session that has not begun. */
export function emptyReport(): ReconcileReport {
  return {
    outcome: 'complete',
    rounds: 0,
    lacking: 0,
    surplus: 0,
    received: 0,
    receivedMessageBytes: 0,
    healed: { sent: 0, sentMessageBytes: 0, stored: 0 },
    suspicions: [],
    fault: null,
    refusal: null,
  }
}

class Asker {
  readonly report: ReconcileReport = emptyReport()
  readonly #options: AskerOptions
  readonly #nonce = randomBytes(SESSION_NONCE_BYTES)
  readonly #grid: BucketGrid

  constructor(options: AskerOptions) {
    this.#options = options
    this.#grid = gridFor(options.from, options.to)
  }

  async run(): Promise<void> {
    const { channel, store, part, signal } = this.#options
    const grid = this.#grid
    const rows = await store.fingerprints(part, grid.levelMs, grid.start, gridEnd(grid), signal)
    const sums = sumsOf(grid, rows)
    const differences = await this.#open(sums)
    const { differing, peerCounts } = readDifferences(differences, sums)
    const compared = compareBuckets(differing, sums.counts, peerCounts)
    const key = sessionKey(this.#nonce, differences.nonce)
    const found = await this.#findDifference({ compared, rows, peerCounts, differences, key })
    if (this.report.outcome === 'split') {
      await channel.close()
      return
    }
    const wholeMessages = countIn(compared.peerOnly, peerCounts)
    this.report.lacking = (found?.named.numbers.length ?? 0) + wholeMessages
    this.report.surplus = (found?.surplus.rows.length ?? 0) + countIn(compared.ownOnly, sums.counts)
    if (this.report.lacking > 0) await this.#fetch(compared, found, key, wholeMessages)
    if (this.#options.heal && differences.healing === 1 && this.report.surplus > 0) {
      await this.#heal(compared, found)
    }
    await channel.close()
  }

  async #open(sums: BucketSums): Promise<FrameOf<'differences'>> {
    const { channel, part } = this.#options
    this.report.rounds += 1
    await channel.send({
      kind: 'opening',
      part,
      start: this.#grid.start,
      widthMs: this.#grid.widthMs,
      nonce: this.#nonce,
      counts: sums.counts,
      fingerprints: fingerprintsOf(sums, this.#nonce),
    })
    const answer = await channel.expect('differences', 'refusal')
    if (answer.kind === 'differences') return answer
    this.report.refusal = refusalOf(answer.code)
    throw new PeerFault('refused', `The peer refused: ${this.report.refusal}.`)
  }

  async #findDifference(session: {
    compared: BucketComparison
    rows: FingerprintColumns
    peerCounts: Float64Array
    differences: FrameOf<'differences'>
    key: SessionKey
  }): Promise<FoundDifference | undefined> {
    const { compared, rows, peerCounts, differences, key } = session
    const { store, sets, part, signal, channel } = this.#options
    if (compared.shared.length === 0) return undefined
    const remoteSize = countIn(compared.shared, peerCounts)
    const ownRows = rowsIn(this.#grid, compared.shared, rows)
    const ownSize = ownRows.counts.reduce((sum, count) => sum + count, 0)
    if (Math.max(remoteSize, ownSize) > MAX_SKETCHED_IDS) return this.#split()
    const load = (from: number, to: number) => store.digests(part, from, to, signal)
    const set = await sets.open({ part, levelMs: this.#grid.levelMs, rows: ownRows, key, load })
    try {
      const found = await findDifference({
        channel,
        set,
        remoteSize,
        first: { cells: differences.cells, isListed: differences.listed === 1 },
        onRound: () => {
          this.report.rounds += 1
        },
        onSuspicion: (code) => this.report.suspicions.push(code),
      })
      if (found === undefined) return this.#split()
      if (differenceOf(found) === 0 && compared.shared.length >= FALSE_BUCKETS) {
        this.report.suspicions.push('fingerprint-false')
      }
      return found
    } finally {
      set.close()
    }
  }

  #split(): undefined {
    this.report.outcome = 'split'
  }

  async #fetch(
    compared: BucketComparison,
    found: FoundDifference | undefined,
    key: SessionKey,
    wholeMessages: number,
  ): Promise<void> {
    const { channel, part, accept } = this.#options
    const grid = this.#grid
    const wholeBuckets = compared.peerOnly
    const named = found?.named ?? NOTHING_NAMED
    const asked = new AskedMessages({ grid, key, named, wholeBuckets, wholeMessages })
    const incoming = new IncomingMessages({
      part,
      from: grid.start,
      to: gridEnd(grid),
      limit: asked.limit,
      isAsked: (message) => asked.take(message),
    })
    this.report.rounds += 1
    const whole = new Set(wholeBuckets)
    await channel.send({
      kind: 'want',
      whole: bitmapOf(whole.size === 0 ? 0 : grid.buckets, (bucket) => whole.has(bucket)),
      ...(found?.naming ?? { count: 0, bits: 0, names: new Uint8Array(0), positions: new Uint8Array(0) }),
    })
    for (;;) {
      const frame = await channel.expect('messages', 'end')
      if (frame.kind === 'end') break
      if (frame.raw.length === 0) throw new PeerFault('malformed', 'The peer sent a frame of no messages.')
      const messages = incoming.check(frame.raw)
      this.report.received += messages.length
      this.report.receivedMessageBytes += frame.raw.reduce((sum, raw) => sum + raw.length, 0)
      await accept(messages)
    }
    if (asked.missing > 0) {
      throw new PeerFault('withheld', `The peer kept back ${asked.missing} of ${asked.promised} messages.`)
    }
  }

  async #heal(compared: BucketComparison, found: FoundDifference | undefined): Promise<void> {
    const { channel, store, part, signal } = this.#options
    const { healed } = this.report
    const picked = found?.surplus
    const wanted = readWanted({
      store,
      part,
      grid: this.#grid,
      wholeBuckets: compared.ownOnly,
      picked,
      signal,
    })
    for await (const raw of messagePortions(wanted)) {
      await channel.send({ kind: 'messages', raw })
      healed.sent += raw.length
      healed.sentMessageBytes += raw.reduce((sum, message) => sum + message.length, 0)
    }
    await channel.send({ kind: 'end', count: healed.sent })
    const receipt = await channel.expect('receipt')
    healed.stored = receipt.stored
  }
}

/** The differing buckets and the peer's counts in them. @throws {PeerFault} `malformed` */
function readDifferences(
  differences: FrameOf<'differences'>,
  own: BucketSums,
): { differing: number[]; peerCounts: Float64Array } {
  const buckets = own.counts.length
  const differing = [...own.counts.keys()].filter((bucket) => isInBitmap(differences.differing, bucket))
  const peerCounts = new Float64Array(buckets)
  for (const [index, bucket] of differing.entries()) peerCounts[bucket] = differences.counts[index] ?? 0
  const isEmptyTwice = differing.some((bucket) => own.counts[bucket] === 0 && peerCounts[bucket] === 0)
  const isFitting =
    differences.counts.length === differing.length && differences.nonce.length === SESSION_NONCE_BYTES
  if (!isFitting || isEmptyTwice) {
    throw new PeerFault('malformed', 'The differences do not fit the opening.')
  }
  return { differing, peerCounts }
}
