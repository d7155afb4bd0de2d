import type Database from 'better-sqlite3'
import { BASELINE_LOG_INDEX } from './baselines.ts'
import type { StreamLife } from './permission-history.ts'
import { ZERO_ADDRESS } from './registry-contracts.ts'

/** Most rows of one answer; for more, ask again from the last id on. */
export const MAX_PAGE_ROWS = 1_000
/** Changes of one publisher's rights on one stream that are looked at; older ones are not. */
const MAX_CHANGES = 10_000

export interface RegistryStream {
  id: string
  /** JSON text as the owner wrote it. */
  metadata: string
}

/** Rights of one grantee as they are now, with the transaction that made them so. */
export interface RegistryPermission {
  streamId: string
  /** Lower-case user id; the zero address for everybody. */
  grantee: string
  canEdit: boolean
  canDelete: boolean
  canGrant: boolean
  /** Seconds since the epoch as decimal text, the contract's own number; `0` for no right. */
  publishExpiration: string
  subscribeExpiration: string
  block: number
  /** Ms since the epoch. */
  blockTimestamp: number
  transaction: string
}

export interface RegistryNode {
  id: string
  metadata: string
  /** Seconds since the epoch. */
  lastSeen: number
}

/** What is asked of one grantee's rights; what is not set is not asked. */
export interface RightsCondition {
  granteeIn?: readonly string[] | undefined
  canEdit?: boolean | undefined
  canDelete?: boolean | undefined
  canGrant?: boolean | undefined
  /** Seconds since the epoch. */
  publishAfter?: number | undefined
  subscribeAfter?: number | undefined
  /** All of these; nothing is asked by an empty list. */
  and?: readonly RightsCondition[] | undefined
  /** One of these; nothing is asked by an empty list. */
  or?: readonly RightsCondition[] | undefined
}

export interface StreamSearch {
  /** Text the id has in it; case matters. */
  term?: string | undefined
  /** Ids after this one, in the order of their bytes. */
  after?: string | undefined
  limit?: number | undefined
  /** Streams on which one and the same grantee has these rights. */
  permitted?: RightsCondition | undefined
}

interface Page {
  after?: string | undefined
  limit?: number | undefined
}

function pageOf({ after = '', limit = MAX_PAGE_ROWS }: Page): { after: string; limit: number } {
  return { after, limit: Math.min(Math.max(Math.trunc(limit), 0), MAX_PAGE_ROWS) }
}

interface PermissionRow extends Omit<RegistryPermission, 'canEdit' | 'canDelete' | 'canGrant'> {
  canEdit: number
  canDelete: number
  canGrant: number
}

function toPermission(row: PermissionRow): RegistryPermission {
  return {
    ...row,
    canEdit: row.canEdit === 1,
    canDelete: row.canDelete === 1,
    canGrant: row.canGrant === 1,
    blockTimestamp: row.blockTimestamp * 1_000,
  }
}

/** A condition as SQL over the table `permission`, with its values appended to `values`. */
function conditionSql(condition: RightsCondition, values: unknown[]): string {
  const parts: string[] = []
  const add = (sql: string, ...added: unknown[]) => {
    parts.push(sql)
    values.push(...added)
  }
  const {
    granteeIn,
    canEdit,
    canDelete,
    canGrant,
    publishAfter,
    subscribeAfter,
    and = [],
    or = [],
  } = condition
  if (granteeIn !== undefined) add(`user_id IN (${granteeIn.map(() => '?').join(', ')})`, ...granteeIn)
  if (canEdit !== undefined) add('can_edit = ?', canEdit ? 1 : 0)
  if (canDelete !== undefined) add('can_delete = ?', canDelete ? 1 : 0)
  if (canGrant !== undefined) add('can_grant = ?', canGrant ? 1 : 0)
  if (publishAfter !== undefined) add('publish_until > ?', publishAfter)
  if (subscribeAfter !== undefined) add('subscribe_until > ?', subscribeAfter)
  for (const part of and) parts.push(conditionSql(part, values))
  if (or.length > 0) parts.push(`(${or.map((part) => conditionSql(part, values)).join(' OR ')})`)
  return parts.length === 0 ? '1' : `(${parts.join(' AND ')})`
}

/** The reading side of the index. */
export class RegistryQueries {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepareStatements>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepareStatements(database)
  }

  stream(id: string): RegistryStream | undefined {
    return this.#statements.stream.get(id)
  }

  searchStreams(search: StreamSearch): RegistryStream[] {
    const { after, limit } = pageOf(search)
    const values: unknown[] = [after]
    const where = ['id > ?']
    if (search.term !== undefined) {
      where.push('instr(id, ?) > 0')
      values.push(search.term)
    }
    if (search.permitted !== undefined) {
      const condition = conditionSql(search.permitted, values)
      where.push(`EXISTS (SELECT 1 FROM permission WHERE permission.stream_id = stream.id AND ${condition})`)
    }
    return this.#database
      .prepare<unknown[], RegistryStream>(
        `SELECT id, metadata FROM stream WHERE ${where.join(' AND ')} ORDER BY id LIMIT ?`,
      )
      .all(...values, limit)
  }

  /** Ordered by grantee; `after` is a grantee. */
  permissions(
    streamId: string,
    page: Page & { publishAfter?: number | undefined; subscribeAfter?: number | undefined } = {},
  ): RegistryPermission[] {
    const { after, limit } = pageOf(page)
    const { publishAfter = -1, subscribeAfter = -1 } = page
    return this.#statements.permissions
      .all(streamId, after, publishAfter, subscribeAfter, limit)
      .map((row) => toPermission(row))
  }

  node(id: string): RegistryNode | undefined {
    return this.#statements.node.get(id)
  }

  nodes(page: Page = {}): RegistryNode[] {
    const { after, limit } = pageOf(page)
    return this.#statements.nodes.all(after, limit)
  }

  /** Registered nodes the stream is assigned to. */
  storageNodes(streamId: string, page: Page = {}): RegistryNode[] {
    const { after, limit } = pageOf(page)
    return this.#statements.storageNodes.all(streamId, after, limit)
  }

  /** Existing streams that are assigned to the node. */
  assignments(node: string, page: Page = {}): RegistryStream[] {
    const { after, limit } = pageOf(page)
    return this.#statements.assignments.all(node, after, limit)
  }

  hasNodeEvents(node: string): boolean {
    return this.#statements.nodeEvent.get(node) !== undefined
  }

  hasAssignmentEvents(streamId: string, node: string): boolean {
    return this.#statements.assignmentEvent.get(streamId, node) !== undefined
  }

  /** Every life of a stream with the changes that matter to one publisher. */
  lives(streamId: string, publisher: string): StreamLife[] {
    const lives: StreamLife[] = []
    const starts: { block: number; logIndex: number }[] = []
    for (const { kind, logIndex, ...moment } of this.#statements.streamEvents.all(streamId)) {
      const last = lives.at(-1)
      if (kind === 'created') {
        const isBaseline = logIndex >= BASELINE_LOG_INDEX
        lives.push({ created: moment, deleted: null, changes: [], ...(isBaseline ? { isBaseline } : {}) })
        starts.push({ block: moment.block, logIndex })
      } else if (kind === 'deleted' && last !== undefined) {
        last.deleted ??= moment
      }
    }
    const changes = this.#statements.changes.all(streamId, publisher, ZERO_ADDRESS, MAX_CHANGES)
    return lives.map((life, index) => ({
      ...life,
      changes: changes
        .filter((change) => isAfter(change, starts[index]) && !isAfter(change, starts[index + 1]))
        .map(({ logIndex: _, publishExpiration, ...change }) => ({
          ...change,
          publishExpiration: BigInt(publishExpiration),
        })),
    }))
  }
}

function isAfter(
  event: { block: number; logIndex: number },
  position: { block: number; logIndex: number } | undefined,
): boolean {
  if (position === undefined) return false
  return (
    event.block > position.block || (event.block === position.block && event.logIndex > position.logIndex)
  )
}

interface EventRow {
  block: number
  logIndex: number
  timestamp: number
  transaction: string
}

function prepareStatements(database: Database.Database) {
  return {
    stream: database.prepare<[string], RegistryStream>('SELECT id, metadata FROM stream WHERE id = ?'),
    permissions: database.prepare<[string, string, number, number, number], PermissionRow>(
      `SELECT stream_id AS streamId, user_id AS grantee, can_edit AS canEdit, can_delete AS canDelete,
              can_grant AS canGrant, publish_expiration AS publishExpiration,
              subscribe_expiration AS subscribeExpiration, permission.block,
              block.timestamp AS blockTimestamp, transaction_hash AS "transaction"
       FROM permission JOIN block ON block.number = permission.block
       WHERE stream_id = ? AND user_id > ? AND publish_until > ? AND subscribe_until > ?
       ORDER BY user_id LIMIT ?`,
    ),
    node: database.prepare<[string], RegistryNode>(
      'SELECT id, metadata, last_seen AS lastSeen FROM node WHERE id = ?',
    ),
    nodes: database.prepare<[string, number], RegistryNode>(
      'SELECT id, metadata, last_seen AS lastSeen FROM node WHERE id > ? ORDER BY id LIMIT ?',
    ),
    storageNodes: database.prepare<[string, string, number], RegistryNode>(
      `SELECT node.id, node.metadata, node.last_seen AS lastSeen
       FROM assignment JOIN node ON node.id = assignment.node
       WHERE assignment.stream_id = ? AND node.id > ? ORDER BY node.id LIMIT ?`,
    ),
    assignments: database.prepare<[string, string, number], RegistryStream>(
      `SELECT stream.id, stream.metadata
       FROM assignment JOIN stream ON stream.id = assignment.stream_id
       WHERE assignment.node = ? AND stream.id > ? ORDER BY stream.id LIMIT ?`,
    ),
    nodeEvent: database.prepare<[string]>('SELECT 1 FROM node_event WHERE node = ? LIMIT 1'),
    assignmentEvent: database.prepare<[string, string]>(
      'SELECT 1 FROM assignment_event WHERE stream_id = ? AND node = ? LIMIT 1',
    ),
    streamEvents: database.prepare<[string], EventRow & { kind: string }>(
      `SELECT event.block, event.log_index AS logIndex, block.timestamp,
              event.transaction_hash AS "transaction", event.kind
       FROM stream_event AS event JOIN block ON block.number = event.block
       WHERE event.stream_id = ? AND event.kind <> 'updated' ORDER BY event.block, event.log_index`,
    ),
    changes: database.prepare<
      [string, string, string, number],
      EventRow & { grantee: string; publishExpiration: string }
    >(
      `SELECT * FROM (
         SELECT event.block, event.log_index AS logIndex, block.timestamp,
                event.transaction_hash AS "transaction", event.user_id AS grantee,
                event.publish_expiration AS publishExpiration
         FROM permission_event AS event JOIN block ON block.number = event.block
         WHERE event.stream_id = ? AND event.user_id IN (?, ?)
         ORDER BY event.block DESC, event.log_index DESC LIMIT ?)
       ORDER BY block, logIndex`,
    ),
  }
}
