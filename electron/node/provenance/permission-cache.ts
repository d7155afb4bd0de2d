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
    const spans = this.#streams.get(streamId)?.get(publisher)
    if (spans === undefined) return undefined
    for (const answer of spans) {
      if (timestamp >= answer.validFrom && timestamp < answer.validTo) return answer
    }
    return undefined
  }

  set(streamId: string, publisher: string, answer: PermissionAnswer): void {
    if (answer.state === 'unknown') return
    let publishers = this.#streams.get(streamId)
    if (publishers === undefined) {
      publishers = new Map()
      this.#streams.set(streamId, publishers)
    }
    const spans = publishers.get(publisher)
    if (spans !== undefined) {
      if (spans.length >= MAX_CACHED_SPANS) spans.length = 0
      spans.push(answer)
      return
    }
    publishers.set(publisher, [answer])
    this.#pairs += 1
    if (this.#pairs > MAX_CACHED_PERMISSIONS) this.clear()
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
