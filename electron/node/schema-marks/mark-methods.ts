import { STEP_MS } from './limits.ts'
import { openMarkFile } from './mark-file.ts'
import { MarkTable } from './mark-table.ts'
import { type ChangedStretch, PartLedger } from './part-ledger.ts'
import type { ContentSource } from './ports.ts'
import { SlotMemory } from './slot-memory.ts'

export interface TouchedStretch extends ChangedStretch {
  part: string
  /** Contents can be opened there that could not be. */
  isOpened: boolean
}

/** How far the counting of one stream part has come. */
export interface PartCount {
  part: string
  /** Messages that its schema does not allow, found so far. */
  broken: number
  /** All that is stored was looked at. */
  isComplete: boolean
}

export interface StepReport {
  counts: PartCount[]
  changed: ({ part: string } & ChangedStretch)[]
  isIdle: boolean
}

/** What the thread that holds contents to schemas does when it is called. */
export type MarkMethods = ReturnType<typeof createMarkMethods>

export function createMarkMethods({ file, source }: { file: string; source: ContentSource }) {
  const db = openMarkFile(file)
  const table = new MarkTable(db)
  const memory = new SlotMemory()
  const ledgers = new Map<string, PartLedger>()

  return {
    /** Counts a part by a schema from now on; null for a part that has none. */
    follow: (part: string, schema: object | null, digest: string): void => {
      if (schema === null) {
        ledgers.delete(part)
        table.drop(part)
      } else if (ledgers.get(part)?.digest !== digest) {
        ledgers.set(part, new PartLedger({ name: part, schema, digest, table, source, memory }))
      }
    },

    touch: (stretches: readonly TouchedStretch[]): void => {
      for (const { part, from, to, isOpened } of stretches) {
        const ledger = ledgers.get(part)
        if (isOpened) ledger?.reread(from, to)
        else ledger?.look(from, to)
      }
    },

    /** Compares all that is stored with what was read. */
    lookAtAll: (): void => {
      for (const ledger of ledgers.values()) ledger.lookAtAll()
    },

    /** Reads for a moment, all parts in turn. */
    step: (): StepReport => {
      const end = performance.now() + STEP_MS
      const changed: StepReport['changed'] = []
      let busy = [...ledgers].filter(([, ledger]) => !ledger.isIdle)
      while (busy.length > 0 && performance.now() < end) {
        for (const [part, ledger] of busy) {
          const stretch = ledger.step()
          if (stretch !== null) changed.push({ part, ...stretch })
        }
        busy = busy.filter(([, ledger]) => !ledger.isIdle)
      }
      return {
        counts: [...ledgers].map(([part, ledger]) => ({
          part,
          broken: ledger.broken,
          isComplete: ledger.isIdle,
        })),
        changed,
        isIdle: busy.length === 0,
      }
    },

    counts: (part: string, from: number, to: number, bucketMs: number): [number, number][] => {
      const ledger = ledgers.get(part)
      return ledger === undefined ? [] : table.counts(ledger.id, from, to, bucketMs)
    },

    close: (): void => {
      source.close()
      db.close()
    },
  }
}
