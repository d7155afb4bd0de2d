import Database from 'better-sqlite3'
import type { Acknowledged } from './acknowledging-child.ts'
import { timestampOf } from './numbered-messages.ts'

export interface StoreCheck {
  acknowledged: number
  lost: number
  /** What does not hold in the file. */
  faults: string[]
}

/** Opens a file as it was left, looks for everything acknowledged, and compares the pyramid with the messages. */
export function checkStore(file: string, acknowledged: readonly Acknowledged[]): StoreCheck {
  const db = new Database(file)
  try {
    if (!hasSchema(db)) return { acknowledged: total(acknowledged), lost: total(acknowledged), faults: [] }
    const count = db
      .prepare<[number, number], number>(
        'SELECT count(*) FROM messages WHERE part = 1 AND timestamp BETWEEN ? AND ?',
      )
      .pluck()
    let found = 0
    for (const stretch of acknowledged) {
      found += count.get(timestampOf(stretch.first), timestampOf(stretch.first + stretch.count - 1)) ?? 0
    }
    const expected = total(acknowledged)
    return { acknowledged: expected, lost: expected - found, faults: faultsOf(db) }
  } finally {
    db.close()
  }
}

/** A process killed while it made the file leaves none of it, or all. */
function hasSchema(db: Database.Database): boolean {
  return db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'parts'").pluck().get() === 1
}

function total(acknowledged: readonly Acknowledged[]): number {
  return acknowledged.reduce((sum, { count }) => sum + count, 0)
}

function faultsOf(db: Database.Database): string[] {
  const stored = db.prepare('SELECT count(*) FROM messages').pluck().get()
  const levels = db
    .prepare<[], [number, number]>('SELECT level, sum(verified) FROM part_buckets GROUP BY level')
    .raw()
    .all()
  const faults = levels
    .filter(([, sum]) => sum !== stored)
    .map(([level, sum]) => `level ${level} of the pyramid counts ${sum} of ${stored} messages`)
  const totals = db.prepare('SELECT coalesce(sum(verified), 0) FROM parts').pluck().get()
  if (totals !== stored) faults.push(`the totals count ${totals} of ${stored} messages`)
  return faults
}
