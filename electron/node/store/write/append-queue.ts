import { readVerifiedBatch, type VerifiedBatch } from '../../message/verified-batch.ts'
import type { AppendResult, StoredNotice } from '../../ports.ts'
import {
  ENOUGH_WAITING_BYTES,
  GATHER_FACTOR,
  MAX_GATHER_MS,
  MAX_QUIET_MS,
  MAX_TRANSACTION_BYTES,
  MAX_TRANSACTION_MESSAGES,
} from '../limits.ts'
import { isDiskTrouble } from '../store-errors.ts'
import { mergeNotices } from './batch-tally.ts'

/** A batch that waits for its transaction, and who is told what became of it. */
export interface QueuedBatch {
  buffer: ArrayBuffer
  onStored(result: AppendResult): void
  onFailed(error: unknown): void
}

export interface AppendQueueOptions {
  /** One transaction; on disk when it returns. */
  append(batches: readonly VerifiedBatch[], buffers: readonly ArrayBuffer[]): AppendResult[]
  /** Told of each transaction after those who sent its batches. */
  onNotices(notices: StoredNotice[]): void
  /** Told whether the disk takes what is written, when that changes; null when all is well. */
  onTrouble(error: unknown): void
  /** A clock that only goes forward, ms; `performance.now` when not given. */
  now?(): number
}

/**
 * Group commit: whatever batches wait when a transaction begins go into it together, up to a bound, so that one
 * sync to disk serves many senders. Nobody is told "stored" before the commit has returned.
 *
 * A batch that comes alone is committed at once. While several wait at a time the next transaction lets some more
 * gather for as long as they keep coming, the longer the longer transactions take: pages that many messages share are
 * then written once. In a group
 * batches stand in order of time, however the threads that made them overtook each other, which is the order in
 * which rows are appended and chains continue.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions
  readonly #now: () => number
  readonly #queue: QueuedBatch[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined
  /** Before this moment no transaction begins unless enough waits, ms of the clock. */
  #gatherUntil = 0
  #isScheduled = false
  #isTroubled = false

  constructor(options: AppendQueueOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  push(batch: QueuedBatch): void {
    this.#queue.push(batch)
    this.#waitingBytes += batch.buffer.byteLength
    this.#schedule()
  }

  /** Commits all that waits, before the file is closed. */
  flush(): void {
    while (this.#queue.length > 0) this.#appendGroup()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.length === 0) return
    const waitMs = this.#waitingBytes >= ENOUGH_WAITING_BYTES ? 0 : this.#gatherUntil - this.#now()
    if (waitMs > 0) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#beginSoon(), Math.min(waitMs, MAX_QUIET_MS))
      return
    }
    this.#beginSoon()
  }

  #beginSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isScheduled = true
    // Behind the messages that have arrived already, so that they join.
    setImmediate(() => {
      this.#isScheduled = false
      const start = this.#now()
      const batches = this.#appendGroup()
      const end = this.#now()
      this.#gatherUntil = batches > 1 ? end + Math.min(MAX_GATHER_MS, GATHER_FACTOR * (end - start)) : 0
      this.#schedule()
    })
  }

  /** @returns how many batches it took */
  #appendGroup(): number {
    const group: { queued: QueuedBatch; batch: VerifiedBatch }[] = []
    let messages = 0
    let bytes = 0
    while (messages < MAX_TRANSACTION_MESSAGES && bytes < MAX_TRANSACTION_BYTES) {
      const queued = this.#queue.shift()
      if (queued === undefined) break
      this.#waitingBytes -= queued.buffer.byteLength
      try {
        const batch = readVerifiedBatch(queued.buffer)
        group.push({ queued, batch })
        messages += batch.messages
        bytes += queued.buffer.byteLength
      } catch (error) {
        queued.onFailed(error)
      }
    }
    if (group.length === 0) return 0
    group.sort((a, b) => firstTime(a.batch) - firstTime(b.batch))
    try {
      this.#commit(group)
    } catch (error) {
      // One bad batch must not take the others with it; a failing disk fails them all.
      if (group.length === 1 || isDiskTrouble(error)) for (const { queued } of group) queued.onFailed(error)
      else for (const member of group) this.#commitAlone(member)
      if (isDiskTrouble(error)) this.#tellTrouble(error)
    }
    return group.length
  }

  #commitAlone(member: { queued: QueuedBatch; batch: VerifiedBatch }): void {
    try {
      this.#commit([member])
    } catch (error) {
      member.queued.onFailed(error)
    }
  }

  #commit(group: readonly { queued: QueuedBatch; batch: VerifiedBatch }[]): void {
    const results = this.#options.append(
      group.map(({ batch }) => batch),
      group.map(({ queued }) => queued.buffer),
    )
    this.#tellTrouble(null)
    results.forEach((result, at) => {
      group[at]?.queued.onStored(result)
    })
    const notices = mergeNotices(results.flatMap(({ parts }) => parts))
    if (notices.length > 0) this.#options.onNotices(notices)
  }

  #tellTrouble(error: unknown): void {
    if (error === null && !this.#isTroubled) return
    this.#isTroubled = error !== null
    this.#options.onTrouble(error)
  }
}

/** Timestamp of a batch's first message; one without messages comes first. */
function firstTime({ timestamps }: VerifiedBatch): number {
  return timestamps[0] ?? 0
}
