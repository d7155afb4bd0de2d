import { type MessageId, streamPartId } from '../../../../shared/message.ts'
import { type MessagePage, packPage } from '../message-page.ts'
import { PENDING } from '../write/message-entry.ts'
import type { Names } from './name-lookup.ts'
import { amongNames } from './query-plan.ts'
import { MESSAGE_COLUMNS, type MessageColumns } from './row-columns.ts'
import type { Statements } from './statements.ts'

/** Pending messages of one part, in the order of the whole answer. */
export interface PendingPage {
  part: string
  page: MessagePage
}

/** Reads the messages that wait for a verdict, of all parts, oldest first. */
export class PendingReader {
  readonly #statements: Statements
  readonly #names: Names

  constructor(statements: Statements, names: Names) {
    this.#statements = statements
    this.#names = names
  }

  /**
   * At most `limit` messages behind `after`, in order of (timestamp, sequence, part, publisher, chain); copies of
   * one message are never separated, so that an id is enough to go on from.
   */
  read(limit: number, after: MessageId | undefined): PendingPage[] {
    const columns = MESSAGE_COLUMNS.split(', ')
    const { dialect } = this.#statements
    const stored = amongNames(columns, dialect, 'm.').join(', ')
    const undecided = columns.map((column) => `m.${column}`).join(', ')
    const since = after === undefined ? '' : 'AND m.timestamp >= ?'
    const behind = after === undefined ? '' : 'WHERE (timestamp, sequence, pn, n, c) > (?, ?, ?, ?, ?)'
    const statement = this.#statements.rows<[...MessageColumns, string, string, string]>(
      `SELECT * FROM (
         SELECT ${stored}, pn.name AS pn, n.name AS n, c.name AS c FROM messages m INDEXED BY pending_messages
           JOIN parts pn ON pn.id = m.part JOIN publishers n ON n.id = m.publisher JOIN chains c ON c.id = m.chain
           WHERE m.verdict = ${PENDING} ${since}
         UNION ALL
         SELECT ${undecided}, pn.name, m.publisher, m.chain FROM unproven m INDEXED BY pending_unproven
           JOIN parts pn ON pn.id = m.part WHERE m.verdict = ${PENDING} ${since}
       ) AS waiting ${behind} ORDER BY timestamp, sequence, pn, n, c`,
    )
    const parameters =
      after === undefined
        ? []
        : [
            ...[after.timestamp, after.timestamp, after.timestamp, after.sequence],
            ...[streamPartId(after.streamId, after.partition), after.publisher, after.chain],
          ]
    const runs: { part: string; rows: MessageColumns[] }[] = []
    let count = 0
    let last = ''
    for (const row of statement.iterate(...parameters)) {
      const [part, publisher, chain] = row.slice(-3) as [string, string, string]
      const id = JSON.stringify([row[0], row[1], part, publisher, chain])
      if (count >= limit && id !== last) break
      last = id
      count += 1
      const run = runs.at(-1)
      const columnsOfRow = row.slice(0, -3) as MessageColumns
      if (run?.part === part) run.rows.push(columnsOfRow)
      else runs.push({ part, rows: [columnsOfRow] })
    }
    return runs.map(({ part, rows }) => ({ part, page: packPage(rows, this.#names) }))
  }
}
