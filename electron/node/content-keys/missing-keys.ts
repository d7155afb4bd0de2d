import type { MissingKeyView } from '../../../shared/content-keys.ts'
import type { StreamPartId } from '../../../shared/message.ts'
import type { ContentKeyRecord } from '../ports.ts'
import { ASK_AGAIN_MS, MAX_MISSING_KEYS } from './limits.ts'

/** A key that is followed from the first message that names it until it comes. */
export interface MissingKey extends MissingKeyView {
  firstTimestamp: number
  lastTimestamp: number
  askedAt: number
}

/** The keys that are missing, by the part, publisher and id that messages name. */
export class MissingKeys {
  readonly #keys = new Map<string, MissingKey>()

  /**
   * A message, or a record of an earlier run, names a key that is not there. A publisher that is heard of may answer
   * now, so its turn comes at once, unless it was asked just before.
   */
  note(record: Omit<ContentKeyRecord, 'key'>, now: number): void {
    const name = nameOf(record)
    const known = this.#keys.get(name)
    if (known === undefined) {
      if (this.#keys.size >= MAX_MISSING_KEYS) return
      const { part, publisher, id, firstTimestamp, lastTimestamp } = record
      const sentence = 'The publisher has not been asked for it yet.'
      const progress = { state: 'waiting', attempts: 0, nextAttemptAt: now, askedAt: 0, sentence } as const
      this.#keys.set(name, { part, publisher, id, firstTimestamp, lastTimestamp, ...progress })
      return
    }
    known.firstTimestamp = Math.min(known.firstTimestamp, record.firstTimestamp)
    known.lastTimestamp = Math.max(known.lastTimestamp, record.lastTimestamp)
    if (known.state === 'waiting') {
      known.nextAttemptAt = Math.min(known.nextAttemptAt, Math.max(now, known.askedAt + ASK_AGAIN_MS))
    }
  }

  delete(key: MissingKey): void {
    this.#keys.delete(nameOf(key))
  }

  /** The missing keys that a key of this publisher with this id is the answer to. */
  answered(publisher: string, id: string): MissingKey[] {
    return [...this.#keys.values()].filter((key) => key.publisher === publisher && key.id === id)
  }

  due(now: number, limit: number): MissingKey[] {
    const due: MissingKey[] = []
    for (const key of this.#keys.values()) {
      if (key.state !== 'asking' && key.nextAttemptAt <= now) due.push(key)
      if (due.length === limit) break
    }
    return due
  }

  /** The permission on a stream may have changed: its keys are tried again. */
  retryStream(streamId: string, now: number): void {
    for (const key of this.#keys.values()) {
      if (key.state === 'asking' || !isOf(key.part, streamId)) continue
      key.state = 'waiting'
      key.nextAttemptAt = now
    }
  }

  views(): MissingKeyView[] {
    return [...this.#keys.values()].map(
      ({ part, publisher, id, state, attempts, nextAttemptAt, sentence }) => ({
        part,
        publisher,
        id,
        state,
        attempts,
        nextAttemptAt,
        sentence,
      }),
    )
  }
}

function nameOf({ publisher, id, part }: { publisher: string; id: string; part: string }): string {
  return JSON.stringify([publisher, id, part])
}

function isOf(part: StreamPartId, streamId: string): boolean {
  return part.startsWith(`${streamId}#`)
}
