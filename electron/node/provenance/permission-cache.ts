import type { PermissionAnswer } from '../ports.ts'
import { MAX_CACHED_PERMISSIONS, MAX_CACHED_SPANS } from './verifier-limits.ts'

/**
 * Remembers the registry's answers, each for the span of time it holds. `unknown` is not remembered: it says that
 * nobody could answer, and the next message may be luckier. Beyond its bounds the cache is emptied, not grown.
 */
export class PermissionCache {
  readonly #streams = new Map<string, Map<string, PermissionAnswer[]>>()
  #pairs = 0

  get(streamId: string, publisher: string, timestamp: number): PermissionAnswer | undefined {
    // The newest span is the last, and the one that live messages fall into.
    return this.#streams
      .get(streamId)
      ?.get(publisher)
      ?.findLast(({ validFrom, validTo }) => timestamp >= validFrom && timestamp < validTo)
  }

  set(streamId: string, publisher: string, answer: PermissionAnswer): void {
    if (answer.state === 'unknown') return
    let publishers = this.#streams.get(streamId)
    if (publishers === undefined) {
      publishers = new Map()
      this.#streams.set(streamId, publishers)
    }
    const spans = publishers.get(publisher)
    if (spans === undefined) {
      publishers.set(publisher, [answer])
      this.#pairs += 1
      if (this.#pairs > MAX_CACHED_PERMISSIONS) this.clear()
      return
    }
    // As the chain goes on, the span that is open to the present is answered again, with a later end.
    const last = spans[spans.length - 1]
    if (last?.validFrom === answer.validFrom) spans.pop()
    if (spans.length >= MAX_CACHED_SPANS) spans.length = 0
    spans.push(answer)
  }

  /** Forgets what was answered for a stream. */
  invalidate(streamId: string): void {
    this.#pairs -= this.#streams.get(streamId)?.size ?? 0
    this.#streams.delete(streamId)
  }

  clear(): void {
    this.#streams.clear()
    this.#pairs = 0
  }
}
