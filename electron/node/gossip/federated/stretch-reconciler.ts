import { setTimeout } from 'node:timers/promises'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock } from '../../ports.ts'
import { BUSY_RETRIES, BUSY_WAIT_MS, MAX_SPLITS, PARALLEL_PEERS } from '../limits.ts'
import type { Ingest } from '../ports.ts'
import { PeerIngest } from '../reconcile/peer-ingest.ts'
import type { ReconcileService } from '../reconcile/reconcile-service.ts'
import { type AnswerSource, OverlayFull } from './overlay-store.ts'
import type { Participant } from './participants.ts'
import type { UnreachedStretch } from './report.ts'
import type { Stretch } from './stretches.ts'
import { WorkingSet } from './working-set.ts'

export interface StretchReconcilerOptions {
  service: ReconcileService
  part: StreamPartId
  participants: readonly Participant[]
  ingest: Ingest
  /** Whether peers are sent what they lack. */
  heal: boolean
  clock: Clock
  signal: AbortSignal
  /** Aborts when the query's own deadline has passed: peers are then left alone, the answer goes on. */
  deadline: AbortSignal
}

/** Brings what peers hold of one stretch after the other to this node. */
export class StretchReconciler {
  readonly unreached: UnreachedStretch[] = []
  readonly #options: StretchReconcilerOptions

  constructor(options: StretchReconcilerOptions) {
    this.#options = options
  }

  /**
   * Reconciles a stretch with everyone who says they hold some of it, those with most first, a few at once.
   * Resolves when nobody is left to ask; what went wrong stands in the participants' records and in `unreached`.
   * @param source what this node holds.
   * @throws the reason of the signal, and what the store and the verifier throw.
   */
  async run(stretch: Stretch, source: AnswerSource): Promise<void> {
    const { from, to } = stretch
    const { part, signal } = this.#options
    const holders = this.#options.participants
      .filter((participant) => participant.claimedIn(from, to) > 0)
      .sort((a, b) => b.claimedIn(from, to) - a.claimedIn(from, to))
    if (holders.length === 0) return
    const set = await WorkingSet.load(source, part, stretch, signal)
    const askNext = async (): Promise<void> => {
      for (let next = holders.shift(); next !== undefined; next = holders.shift()) {
        await this.#reconcileWith(next, stretch, set, 0)
      }
    }
    await Promise.all(Array.from({ length: PARALLEL_PEERS }, askNext))
  }

  async #reconcileWith(
    participant: Participant,
    stretch: Stretch,
    set: WorkingSet,
    splits: number,
  ): Promise<void> {
    const { signal, deadline } = this.#options
    if (participant.fault !== undefined || deadline.aborted) {
      this.#miss(participant, stretch, participant.fault?.code ?? 'deadline')
      return
    }
    const { record } = participant
    record.asking = { ...stretch }
    const outcome = await this.#session(participant, stretch, set)
      .catch((error: unknown) => {
        signal.throwIfAborted()
        if (deadline.aborted) return 'deadline' as const
        if (error instanceof OverlayFull) return 'no-room' as const
        throw error
      })
      .finally(() => {
        record.asking = null
      })
    if (outcome === 'split') await this.#split(participant, stretch, set, splits)
    else if (outcome !== 'done') this.#miss(participant, stretch, outcome)
  }

  async #split(participant: Participant, stretch: Stretch, set: WorkingSet, splits: number): Promise<void> {
    const middle = Math.floor((stretch.from + stretch.to) / 2_000) * 1_000
    if (splits >= MAX_SPLITS || middle <= stretch.from || middle >= stretch.to) {
      this.#miss(participant, stretch, 'too-different')
      return
    }
    await this.#reconcileWith(participant, { from: stretch.from, to: middle }, set, splits + 1)
    await this.#reconcileWith(participant, { from: middle, to: stretch.to }, set, splits + 1)
  }

  async #session(
    participant: Participant,
    stretch: Stretch,
    set: WorkingSet,
  ): Promise<'done' | 'split' | UnreachedStretch['why']> {
    const { service, part, ingest, heal, clock, signal, deadline } = this.#options
    const { record } = participant
    for (let attempt = 0; ; attempt++) {
      const intake = new PeerIngest({ ingest, source: record.address, clock })
      const report = await service.ask(record.peerId, {
        part,
        ...stretch,
        store: set,
        heal,
        accept: async (messages) => {
          await intake.take(messages, signal)
          set.add(messages)
        },
        signal: AbortSignal.any([signal, deadline]),
      })
      record.sessions += 1
      record.rounds += report.rounds
      record.sentBytes += report.traffic.sentBytes
      record.receivedBytes += report.traffic.receivedBytes
      record.brought += intake.counts.stored
      record.alsoBrought += intake.counts.known
      record.undecided += intake.counts.undecided
      record.suspicions.push(...report.suspicions)
      if (report.outcome === 'split' || report.refusal === 'range-too-large') return 'split'
      if (report.refusal !== 'busy' || attempt >= BUSY_RETRIES) {
        if (report.fault === null) return 'done'
        participant.fail(report.fault)
        return report.fault.code
      }
      await setTimeout(BUSY_WAIT_MS * 2 ** attempt, undefined, { signal })
    }
  }

  #miss(participant: Participant, { from, to }: Stretch, why: UnreachedStretch['why']): void {
    const claimed = participant.claimedIn(from, to)
    const { address } = participant.record
    const last = this.unreached.findLast((stretch) => stretch.address === address)
    // A peer that failed early misses everything that follows: one entry that grows.
    if (last !== undefined && last.why === why && (last.to === from || last.from === to)) {
      last.from = Math.min(last.from, from)
      last.to = Math.max(last.to, to)
      last.claimed += claimed
    } else {
      this.unreached.push({ from, to, address, claimed, why })
    }
  }
}
