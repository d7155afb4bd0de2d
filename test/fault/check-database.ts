import type { Client } from 'pg'
import { timestampOf } from './numbered-messages.ts'

export interface DatabaseCheck {
  /** Messages that were acknowledged and are not there. */
  lost: number
  /** Messages that are there more than once. */
  duplicates: number
  /** What does not hold between the messages and what is derived from them. */
  faults: string[]
}

/** Looks for the messages from number 0 on, which were all acknowledged, and compares the pyramid with them. */
export async function checkDatabase(
  client: Client,
  schema: string,
  acknowledged: number,
): Promise<DatabaseCheck> {
  const number = async (sql: string, values: unknown[] = []): Promise<number> =>
    Number((await client.query({ text: sql, values, rowMode: 'array' })).rows[0]?.[0] ?? 0)
  const within = [timestampOf(0), timestampOf(acknowledged - 1)]
  const found = await number(
    `SELECT count(DISTINCT timestamp) FROM ${schema}.messages WHERE timestamp BETWEEN $1 AND $2`,
    within,
  )
  const stored = await number(`SELECT count(*) FROM ${schema}.messages`)
  const distinct = await number(
    `SELECT count(*) FROM (SELECT DISTINCT part, timestamp, digest FROM ${schema}.messages) AS d`,
  )
  const faults: string[] = []
  const { rows } = await client.query<{ level: string; sum: string }>(
    `SELECT level, sum(verified) FROM ${schema}.part_buckets GROUP BY level ORDER BY level`,
  )
  for (const { level, sum } of rows) {
    if (Number(sum) !== stored)
      faults.push(`level ${level} of the pyramid counts ${sum} of ${stored} messages`)
  }
  if (rows.length === 0 && stored > 0) faults.push('the pyramid is empty')
  const totals = await number(`SELECT sum(verified) FROM ${schema}.parts`)
  if (totals !== stored) faults.push(`the totals count ${totals} of ${stored} messages`)
  return { lost: acknowledged - found, duplicates: stored - distinct, faults }
}
