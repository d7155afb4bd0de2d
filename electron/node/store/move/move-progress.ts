import { z } from 'zod'
import type { MovedRow, MoveSide } from './move-side.ts'

/** How far a move has come; kept where it goes to, and written with what was copied. */
export interface MoveProgress {
  from: string
  /** Number of the table that is copied, and the key of its last row that is there. */
  table: number
  after: MovedRow | null
  rows: number
}

const TABLE = 'move_progress'
const value = z.union([z.number(), z.string(), z.null(), z.object({ bytes: z.base64() })])
const schema = z.object({
  from: z.string(),
  table: z.int().nonnegative(),
  after: z.array(value).nullable(),
  rows: z.int().nonnegative(),
})

/** Answers null where no move was begun. */
export function readProgress(side: MoveSide): MoveProgress | null {
  side.execute(`CREATE TABLE IF NOT EXISTS ${TABLE} (id BIGINT PRIMARY KEY, state TEXT NOT NULL)`)
  const text = side.connection.prepare(`SELECT state FROM ${TABLE} WHERE id = 1`).pluck().get()
  if (typeof text !== 'string') return null
  const { after, ...rest } = schema.parse(JSON.parse(text))
  const read = after?.map((one) =>
    one !== null && typeof one === 'object' ? Buffer.from(one.bytes, 'base64') : one,
  )
  return { ...rest, after: read ?? null }
}

export function writeProgress(side: MoveSide, progress: MoveProgress): void {
  const after = progress.after?.map((one) =>
    one instanceof Uint8Array ? { bytes: Buffer.from(one).toString('base64') } : one,
  )
  side.connection
    .prepare(
      `INSERT INTO ${TABLE} (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
    )
    .run(JSON.stringify({ ...progress, after: after ?? null }))
}

/** The move is over: nothing of it is left in the store. */
export function forgetProgress(side: MoveSide): void {
  side.execute(`DROP TABLE ${TABLE}`)
}
