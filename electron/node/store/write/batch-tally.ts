import { VERDICTS, verdictOf } from '../../../../shared/verdict.ts'
import type { AppendResult, StoredNotice } from '../../ports.ts'

/** What one batch did to one stream part. */
export class PartTally {
  readonly part: string
  stored = 0
  duplicates = 0
  firstTimestamp = Number.POSITIVE_INFINITY
  lastTimestamp = Number.NEGATIVE_INFINITY
  readonly verdicts = new Float64Array(VERDICTS.length)

  constructor(part: string) {
    this.part = part
  }

  /** Whether anything that can be seen of the part changed. */
  get hasChanged(): boolean {
    return this.firstTimestamp <= this.lastTimestamp
  }

  addStored(verdict: number, timestamp: number): void {
    this.stored += 1
    this.verdicts[verdict] = (this.verdicts[verdict] as number) + 1
    this.addTouched(timestamp)
  }

  addDecided(verdict: number, timestamp: number): void {
    this.verdicts[verdict] = (this.verdicts[verdict] as number) + 1
    this.addTouched(timestamp)
  }

  /** Extends the span that has to be read again. */
  addTouched(timestamp: number): void {
    if (timestamp < this.firstTimestamp) this.firstTimestamp = timestamp
    if (timestamp > this.lastTimestamp) this.lastTimestamp = timestamp
  }

  toNotice(): StoredNotice {
    const { part, stored, duplicates, firstTimestamp, lastTimestamp } = this
    const verdicts = { verified: 0, pending: 0, unauthorised: 0, forged: 0 }
    this.verdicts.forEach((count, code) => {
      verdicts[verdictOf(code)] = count
    })
    return { part, stored, duplicates, verdicts, firstTimestamp, lastTimestamp }
  }
}

/** What became of the messages of one batch. */
export class BatchTally {
  equivocations = 0
  held = 0
  declined = 0
  quarantined = 0
  readonly #parts = new Map<string, PartTally>()

  part(name: string): PartTally {
    let tally = this.#parts.get(name)
    if (tally === undefined) {
      tally = new PartTally(name)
      this.#parts.set(name, tally)
    }
    return tally
  }

  toResult(): AppendResult {
    const parts = [...this.#parts.values()]
    return {
      stored: parts.reduce((sum, { stored }) => sum + stored, 0),
      duplicates: parts.reduce((sum, { duplicates }) => sum + duplicates, 0),
      quarantined: this.quarantined,
      equivocations: this.equivocations,
      held: this.held,
      declined: this.declined,
      parts: this.toNotices(),
    }
  }

  toNotices(): StoredNotice[] {
    return [...this.#parts.values()].filter(({ hasChanged }) => hasChanged).map((tally) => tally.toNotice())
  }
}

/** Adds up notices of several batches, part by part: what is sent once per transaction. */
export function mergeNotices(notices: readonly StoredNotice[]): StoredNotice[] {
  const merged = new Map<string, StoredNotice>()
  for (const notice of notices) {
    const known = merged.get(notice.part)
    if (known === undefined) {
      merged.set(notice.part, { ...notice, verdicts: { ...notice.verdicts } })
      continue
    }
    known.stored += notice.stored
    known.duplicates += notice.duplicates
    for (const verdict of VERDICTS) known.verdicts[verdict] += notice.verdicts[verdict]
    known.firstTimestamp = Math.min(known.firstTimestamp, notice.firstTimestamp)
    known.lastTimestamp = Math.max(known.lastTimestamp, notice.lastTimestamp)
  }
  return [...merged.values()]
}
