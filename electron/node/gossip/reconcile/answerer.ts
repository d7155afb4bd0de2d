import { randomBytes } from 'node:crypto'
import type { StreamPartId } from '../../../../shared/message.ts'
import { CELLS_PER_FRAME, FINGERPRINT_BYTES, LIST_BITS, MAX_LISTED_IDS, MAX_SKETCHED_IDS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { FingerprintColumns, ReconcileStore } from '../ports.ts'
import { SESSION_NONCE_BYTES, sessionKey } from '../riblt/short-ids.ts'
import { bitmapOf, isInBitmap } from '../wire/bitmap.ts'
import { type BucketComparison, compareBuckets, countIn, rowsIn } from './bucket-comparison.ts'
import { type BucketGrid, gridEnd, readGrid } from './bucket-grid.ts'
import { type BucketSums, fingerprintsByBucket, fingerprintsOf, sumsOf } from './bucket-sums.ts'
import type { Naming } from './digest-set.ts'
import type { DigestSets, OpenDigestSet } from './digest-sets.ts'
import { planFirstSketch } from './first-sketch.ts'
import type { FrameChannel } from './frame-channel.ts'
import { type FrameOf, type REFUSALS, refusalFrame } from './frames.ts'
import { IncomingMessages, type ReceivedMessage } from './incoming-messages.ts'
import { guardPeerData } from './peer-data.ts'
import { messagePortions, readWanted } from './wanted-messages.ts'

/** What became of messages that a peer sent because this node lacks them. */
export interface HealingOutcome {
  stored: number
  refused: number
}

export interface AnswererOptions {
  channel: FrameChannel
  store: ReconcileStore
  sets: DigestSets
  /** Whether this node answers for a stream part. */
  isShared: (part: StreamPartId) => boolean
  /** Whether this node takes messages of a part that the asker has and it lacks. */
  isHealing: (part: StreamPartId) => boolean
  /** Takes such messages. Throws `PeerFault` for forged ones. */
  heal: (part: StreamPartId, messages: readonly ReceivedMessage[]) => Promise<HealingOutcome>
  signal: AbortSignal
}

export interface AnswerReport {
  /** `null` when the asker was refused. */
  part: StreamPartId | null
  sentMessages: number
  healed: number
}

/**
 * Answers one session of a peer that reconciles, from its opening until it closes its side.
 * @throws {PeerFault} for what the peer did wrong; the reason of `signal` when that aborted.
 */
export async function answerPeer(options: AnswererOptions): Promise<AnswerReport> {
  const opening = await options.channel.expect('opening')
  const refuse = async (code: (typeof REFUSALS)[number]): Promise<AnswerReport> => {
    await options.channel.send(refusalFrame(code))
    return { part: null, sentMessages: 0, healed: 0 }
  }
  if (!options.isShared(opening.part)) return await refuse('not-shared')
  const grid = guardPeerData(() => readGrid(opening.start, opening.widthMs, opening.counts.length))
  const filled = opening.counts.filter((count) => count > 0).length
  if (
    opening.nonce.length !== SESSION_NONCE_BYTES ||
    opening.fingerprints.length !== filled * FINGERPRINT_BYTES
  ) {
    throw new PeerFault('malformed', 'The opening does not fit its buckets.')
  }
  const { part } = opening
  const rows = await options.store.fingerprints(part, grid.levelMs, grid.start, gridEnd(grid), options.signal)
  const sums = sumsOf(grid, rows)
  const differing = differingBuckets(opening, sums)
  const comparison = compareBuckets(differing, sums.counts, opening.counts)
  if (countIn(comparison.shared, sums.counts) > MAX_SKETCHED_IDS) return await refuse('range-too-large')
  const answer = new Answer(options, opening, { grid, rows, sums, differing, comparison })
  try {
    return await answer.run()
  } finally {
    answer.release()
  }
}

/** The buckets whose fingerprint at the asker is another than here. */
function differingBuckets(opening: FrameOf<'opening'>, sums: BucketSums): number[] {
  const theirs = fingerprintsByBucket(opening.counts, opening.fingerprints)
  const ours = fingerprintsByBucket(sums.counts, fingerprintsOf(sums, opening.nonce))
  return [...ours.keys()].filter((bucket) => {
    const own = ours[bucket]
    const other = theirs[bucket]
    return own === undefined || other === undefined ? own !== other : Buffer.compare(own, other) !== 0
  })
}

interface Compared {
  readonly grid: BucketGrid
  readonly rows: FingerprintColumns
  readonly sums: BucketSums
  readonly differing: readonly number[]
  readonly comparison: BucketComparison
}

class Answer {
  readonly #options: AnswererOptions
  readonly #opening: FrameOf<'opening'>
  readonly #compared: Compared
  readonly #nonce = randomBytes(SESSION_NONCE_BYTES)
  readonly #incoming: IncomingMessages
  #set: OpenDigestSet | undefined
  #cells = 0
  #isListed = false
  #hasAnsweredWant = false
  #sentMessages = 0
  #healed: HealingOutcome = { stored: 0, refused: 0 }

  constructor(options: AnswererOptions, opening: FrameOf<'opening'>, compared: Compared) {
    this.#options = options
    this.#opening = opening
    this.#compared = compared
    this.#incoming = new IncomingMessages({
      part: opening.part,
      from: compared.grid.start,
      to: gridEnd(compared.grid),
      limit: countIn(compared.differing, opening.counts),
      isAsked: () => true,
    })
  }

  release(): void {
    this.#set?.close()
  }

  async run(): Promise<AnswerReport> {
    await this.#answerOpening()
    for (;;) {
      const frame = await this.#options.channel.receive()
      switch (frame?.kind) {
        case undefined:
          return { part: this.#opening.part, sentMessages: this.#sentMessages, healed: this.#healed.stored }
        case 'more':
          await this.#extend(frame.total)
          break
        case 'listRequest':
          await this.#sendList()
          break
        case 'want':
          await this.#sendWanted(frame)
          break
        case 'messages':
          await this.#takeHealing(frame.raw)
          break
        case 'end':
          await this.#options.channel.send({ kind: 'receipt', ...this.#healed })
          break
        default:
          throw new PeerFault('unexpected', `The asker sent ${frame?.kind}.`)
      }
    }
  }

  async #answerOpening(): Promise<void> {
    const { differing, comparison, sums } = this.#compared
    const first = this.#planFirst()
    const differs = new Set(differing)
    await this.#options.channel.send({
      kind: 'differences',
      nonce: this.#nonce,
      differing: bitmapOf(differing.length === 0 ? 0 : sums.counts.length, (bucket) => differs.has(bucket)),
      counts: Float64Array.from(differing, (bucket) => sums.counts[bucket] ?? 0),
      cells: first.kind === 'cells' ? first.cells : 0,
      listed: first.kind === 'list' ? 1 : 0,
      healing: this.#options.isHealing(this.#opening.part) ? 1 : 0,
    })
    if (comparison.shared.length === 0) return
    if (first.kind === 'list') await this.#sendList()
    else await this.#extend(first.cells)
  }

  #planFirst(): ReturnType<typeof planFirstSketch> {
    const { sums, differing, comparison } = this.#compared
    if (comparison.shared.length === 0) return { kind: 'cells', cells: 0 }
    const differs = new Set(differing)
    const buckets = Array.from(sums.counts, (answererCount, bucket) => ({
      askerCount: this.#opening.counts[bucket] ?? 0,
      answererCount,
      differs: differs.has(bucket),
    }))
    return planFirstSketch(buckets.filter((bucket) => bucket.askerCount > 0 && bucket.answererCount > 0))
  }

  async #extend(total: number): Promise<void> {
    if (this.#isListed || this.#hasAnsweredWant || total <= this.#cells) {
      throw new PeerFault('unexpected', 'The asker wants cells where none can follow.')
    }
    const set = await this.#openSet()
    while (this.#cells < total) {
      const end = Math.min(total, this.#cells + CELLS_PER_FRAME)
      await this.#options.channel.send({ kind: 'cells', cells: await set.cellsTo(end) })
      this.#cells = end
    }
  }

  async #sendList(): Promise<void> {
    const set = await this.#openSet()
    if (this.#isListed || this.#hasAnsweredWant || set.size > MAX_LISTED_IDS) {
      throw new PeerFault('unexpected', 'The asker wants a list where none can follow.')
    }
    this.#isListed = true
    await this.#options.channel.send({ kind: 'list', ...(await set.list(LIST_BITS)) })
  }

  async #openSet(): Promise<OpenDigestSet> {
    if (this.#set !== undefined) return this.#set
    const { grid, comparison, rows } = this.#compared
    const { store, sets, signal } = this.#options
    const { part } = this.#opening
    this.#set = await sets.open({
      part,
      levelMs: grid.levelMs,
      rows: rowsIn(grid, comparison.shared, rows),
      key: sessionKey(this.#opening.nonce, this.#nonce),
      load: (from, to) => store.digests(part, from, to, signal),
    })
    return this.#set
  }

  async #sendWanted(want: FrameOf<'want'>): Promise<void> {
    if (this.#hasAnsweredWant) throw new PeerFault('unexpected', 'The asker names messages a second time.')
    this.#hasAnsweredWant = true
    const { store, channel, signal } = this.#options
    const { grid, comparison } = this.#compared
    const naming = namingOf(want, this.#isListed)
    const picked = naming === undefined ? undefined : await (await this.#openSet()).select(naming)
    const wholeBuckets = comparison.ownOnly.filter((bucket) => isInBitmap(want.whole, bucket))
    const wanted = readWanted({ store, part: this.#opening.part, grid, wholeBuckets, picked, signal })
    for await (const raw of messagePortions(wanted)) {
      await channel.send({ kind: 'messages', raw })
      this.#sentMessages += raw.length
    }
    await channel.send({ kind: 'end', count: this.#sentMessages })
  }

  async #takeHealing(raw: readonly Uint8Array[]): Promise<void> {
    const { isHealing, heal } = this.#options
    const { part } = this.#opening
    if (!isHealing(part)) throw new PeerFault('unexpected', 'The asker sends messages nobody asked for.')
    const outcome = await heal(part, this.#incoming.check(raw))
    this.#healed = {
      stored: this.#healed.stored + outcome.stored,
      refused: this.#healed.refused + outcome.refused,
    }
  }
}

function namingOf(want: FrameOf<'want'>, isListed: boolean): Naming | undefined {
  if (isListed && want.positions.length > 0) return { kind: 'positions', positions: want.positions }
  if (want.count === 0) return undefined
  return { kind: 'names', names: { count: want.count, bits: want.bits, bytes: want.names } }
}
