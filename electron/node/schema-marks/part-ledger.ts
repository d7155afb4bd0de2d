import { createSchemaJudge, type SchemaJudge } from '../../../shared/schema-judge.ts'
import { parseJsonContent } from '../message/json-content.ts'
import { CONTENTS_AT_ONCE, SECOND_MS, SLOT_MS, SLOTS_AT_ONCE } from './limits.ts'
import type { MarkTable, PartRow } from './mark-table.ts'
import type { ContentSource } from './ports.ts'
import type { SlotMemory } from './slot-memory.ts'

export interface PartLedgerOptions {
  name: string
  schema: object
  /** Of the schema; what was counted by another is begun anew. */
  digest: string
  table: MarkTable
  source: ContentSource
  memory: SlotMemory
}

/** A stretch whose counts changed, ms. */
export interface ChangedStretch {
  from: number
  to: number
}

/**
 * Counts which messages of a stream part its schema does not allow, slot by slot. A slot is read when the store's
 * pyramid says it holds something else than when it was read last: that the store was written by others, restored or
 * pruned meanwhile, or that this node was ended in the middle, makes no difference.
 */
export class PartLedger {
  readonly #options: PartLedgerOptions
  readonly #judge: SchemaJudge
  readonly #row: PartRow
  /** Stretches of slots to compare, the next one last. */
  #looks: { first: number; last: number }[] = []
  /** Slots to read, ascending: the newest is what somebody looks at. */
  #slots: number[] = []
  #reading: Generator<void, ChangedStretch | null, void> | null = null

  constructor(options: PartLedgerOptions) {
    const { name, schema, digest, table } = options
    this.#options = options
    this.#judge = createSchemaJudge(schema)
    const known = table.part(name)
    this.#row = known?.digest === digest ? known : table.begin(name, digest)
    this.lookAtAll()
  }

  get id(): number {
    return this.#row.id
  }

  get digest(): string {
    return this.#options.digest
  }

  /** Messages found so far. */
  get broken(): number {
    return this.#options.table.part(this.#options.name)?.broken ?? 0
  }

  get isIdle(): boolean {
    return this.#looks.length === 0 && this.#slots.length === 0 && this.#reading === null
  }

  /** Compares all there is and was with what was read. */
  lookAtAll(): void {
    const { name, source, table } = this.#options
    const stored = source.span(name)
    const read = table.span(this.id)
    const firsts = [stored && slotOf(stored.from), read?.first].filter((slot) => slot != null)
    const lasts = [stored && slotOf(stored.to), read?.last].filter((slot) => slot != null)
    if (firsts.length > 0) this.#looks.push({ first: Math.min(...firsts), last: Math.max(...lasts) })
  }

  /** Something was stored in a stretch of time, ms. */
  look(from: number, to: number): void {
    this.#looks.push({ first: slotOf(from), last: slotOf(to) })
  }

  /** Contents of a stretch can be opened that could not: the store's counts do not tell of that. */
  reread(from: number, to: number): void {
    const [first, last] = [slotOf(from), slotOf(to)]
    const { table, memory } = this.#options
    for (const slot of table.unstamp(this.id, first, last)) memory.delete(this.id, slot)
    this.look(from, to)
  }

  /** A little work. @returns the stretch whose counts have changed by it, if any */
  step(): ChangedStretch | null {
    if (this.#reading !== null) {
      const { done, value } = this.#reading.next()
      if (!done) return null
      this.#reading = null
      return value ?? null
    }
    const look = this.#looks.pop()
    if (look !== undefined) {
      // From the newest on.
      const first = Math.max(look.first, look.last - SLOTS_AT_ONCE + 1)
      if (first > look.first) this.#looks.push({ first: look.first, last: first - 1 })
      this.#compare(first, look.last)
      return null
    }
    const slot = this.#slots.pop()
    if (slot !== undefined) this.#reading = this.#read(slot)
    return null
  }

  #compare(first: number, last: number): void {
    const { name, source, table } = this.#options
    const read = table.stamps(this.id, first, last)
    const found: number[] = []
    for (const { at, stamp } of source.stamps(name, SLOT_MS, first * SLOT_MS, (last + 1) * SLOT_MS - 1)) {
      const slot = slotOf(at)
      if (read.get(slot) !== stamp) found.push(slot)
      read.delete(slot)
    }
    // What is left of them is no longer stored.
    found.push(...read.keys())
    if (found.length === 0) return
    this.#slots = [...new Set([...this.#slots, ...found])].sort((a, b) => a - b)
  }

  *#read(slot: number): Generator<void, ChangedStretch | null, void> {
    const { name, source, table, memory } = this.#options
    const [from, to] = [slot * SLOT_MS, (slot + 1) * SLOT_MS - 1]
    // Before the messages: what comes meanwhile is counted perhaps, and read again for certain.
    const stamp = source.stamps(name, SLOT_MS, from, to)[0]?.stamp ?? null
    const now = new Map(
      source.stamps(name, SECOND_MS, from, to).map(({ at, stamp: second }) => [at / SECOND_MS, second]),
    )
    const before = memory.get(this.id, slot)
    const counts = new Map<number, number>()
    for (const second of before?.keys() ?? table.seconds(this.id, slot)) {
      if (!now.has(second)) counts.set(second, 0)
    }
    const changed = [...now.keys()].filter((second) => now.get(second) !== before?.get(second))
    for (const second of changed) counts.set(second, 0)
    for (const run of runsOf(changed)) {
      let cursor: unknown = null
      do {
        const page = source.read({
          part: name,
          from: run.first * SECOND_MS,
          to: (run.last + 1) * SECOND_MS - 1,
          cursor,
          limit: CONTENTS_AT_ONCE,
        })
        for (const { timestamp, content } of page.contents) {
          if (content === undefined || !this.#isBroken(content)) continue
          const second = Math.floor(timestamp / SECOND_MS)
          counts.set(second, (counts.get(second) ?? 0) + 1)
        }
        cursor = page.next
        yield
      } while (cursor !== null)
    }
    const isOther = table.write(this.id, slot, stamp, counts)
    memory.set(this.id, slot, now)
    return isOther ? { from, to } : null
  }

  #isBroken(content: Uint8Array): boolean {
    const { value, opaque } = parseJsonContent(content)
    if (opaque !== undefined) return false
    try {
      return this.#judge.problemOf(value) !== undefined
    } catch {
      // A schema that cannot be interpreted blames nobody.
      return false
    }
  }
}

function slotOf(timestamp: number): number {
  return Math.floor(timestamp / SLOT_MS)
}

/** Seconds that follow each other, from the first to the last. @param seconds ascending */
function runsOf(seconds: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = []
  for (const second of seconds) {
    const run = runs.at(-1)
    if (run !== undefined && second === run.last + 1) run.last = second
    else runs.push({ first: second, last: second })
  }
  return runs
}
