import { isSameBytes, toHex } from '../hex.ts'
import type { LogFinding } from './finding.ts'
import type { LogView } from './restored-log.ts'

type Relation = Pick<LogView, 'baseline' | 'candidate' | 'candidateWalk' | 'touchedKnown'>

/**
 * Decides how a head relates to the state of the log seen before, its baseline. A head that contains the baseline's
 * newest message continues it. Whether it does, shows only as its pages are read, so a new head is a candidate
 * until then; all of this survives a crash with the rest of the view.
 */
export class HeadRelation {
  #state: Relation
  readonly #findings: LogFinding[] = []

  constructor({ baseline, candidate, candidateWalk, touchedKnown }: Relation) {
    this.#state = { baseline, candidate, candidateWalk, touchedKnown }
  }

  get state(): Relation {
    return { ...this.#state }
  }

  /** What was found out since the last call. */
  takeFindings(): LogFinding[] {
    return this.#findings.splice(0)
  }

  /**
   * The name leads to a head.
   * @param isKnown its newest message was read before, as part of this log.
   */
  headSeen(newest: Uint8Array, isKnown: boolean, walk: number): void {
    const { baseline, candidate } = this.#state
    if (baseline === null) {
      this.#state.baseline = newest
      return
    }
    if (isSameBytes(newest, candidate)) return
    const expected = candidate ?? baseline
    if (isSameBytes(newest, baseline) && candidate === null) return
    if (isKnown || isSameBytes(newest, baseline)) {
      this.#findings.push({ kind: 'head-went-back', newest: toHex(newest), expected: toHex(expected) })
      return
    }
    this.#state = { ...this.#state, candidate: newest, candidateWalk: walk, touchedKnown: false }
  }

  /** A page that was read in `walk` names a message. */
  messageNamed(localHash: Uint8Array, isKnown: boolean, walk: number): void {
    const { baseline, candidate, candidateWalk } = this.#state
    if (candidate === null) return
    if (isSameBytes(localHash, baseline)) {
      this.#accept()
    } else if (walk === candidateWalk) {
      if (isKnown) this.#state.touchedKnown = true
    } else if (isSameBytes(localHash, candidate)) {
      // What is left of an older walk lies before the baseline: there the candidate was, so it is older.
      this.#findings.push({
        kind: 'head-went-back',
        newest: toHex(candidate),
        expected: toHex(baseline ?? candidate),
      })
      this.#state = { ...this.#state, candidate: null, candidateWalk: null }
    }
  }

  /** The candidate's walk has come to a page that was read before. */
  knownPageReached(walk: number): void {
    if (walk === this.#state.candidateWalk) this.#state.touchedKnown = true
  }

  /** No page is left to read, so that a candidate that has not been seen to continue the baseline does not. */
  allRead(): void {
    const { baseline, candidate, touchedKnown } = this.#state
    if (candidate === null || baseline === null) return
    const kind = touchedKnown ? 'head-forked' : 'head-replaced'
    this.#findings.push({ kind, newest: toHex(candidate), expected: toHex(baseline) })
    this.#accept()
  }

  #accept(): void {
    this.#state = { ...this.#state, baseline: this.#state.candidate, candidate: null, candidateWalk: null }
  }
}
