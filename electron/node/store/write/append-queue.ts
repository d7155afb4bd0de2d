import { readVerifiedBatch, type VerifiedBatch } from '../../message/verified-batch.ts'
import type { AppendResult, StoredNotice } from '../../ports.ts'
import { MAX_TRANSACTION_BYTES, MAX_TRANSACTION_MESSAGES } from '../limits.ts'
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
}

/**
 * Group commit: whatever batches wait when a transaction begins go into it together, up to a bound, so that one
 * sync to disk serves many senders. Nobody is told "stored" before the commit has returned.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions
  readonly #queue: QueuedBatch[] = []
  #isScheduled = false
  #isTroubled = false

  constructor(options: AppendQueueOptions) {
    this.#options = options
  }

  push(batch: QueuedBatch): void {
    this.#queue.push(batch)
    this.#schedule()
  }

  /** Commits all that waits, before the file is closed. */
  flush(): void {
    while (this.#queue.length > 0) this.#appendGroup()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Behind the messages that have arrived already, so that they join.
    setImmediate(() => {
      this.#isScheduled = false
      this.#appendGroup()
      if (this.#queue.length > 0) this.#schedule()
    })
  }

  #appendGroup(): void {
    const group: { queued: QueuedBatch; batch: VerifiedBatch }[] = []
    let messages = 0
    let bytes = 0
    while (messages < MAX_TRANSACTION_MESSAGES && bytes < MAX_TRANSACTION_BYTES) {
      const queued = this.#queue.shift()
      if (queued === undefined) break
      try {
        const batch = readVerifiedBatch(queued.buffer)
        group.push({ queued, batch })
        messages += batch.messages
        bytes += queued.buffer.byteLength
      } catch (error) {
        queued.onFailed(error)
      }
    }
    if (group.length === 0) return
    try {
      this.#commit(group)
    } catch (error) {
      // One bad batch must not take the others with it; a failing disk fails them all.
      if (group.length === 1 || isDiskTrouble(error)) for (const { queued } of group) queued.onFailed(error)
      else for (const member of group) this.#commitAlone(member)
      if (isDiskTrouble(error)) this.#tellTrouble(error)
    }
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
