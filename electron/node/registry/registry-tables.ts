import type Database from 'better-sqlite3'
import type { RegistryEvent } from './registry-contracts.ts'
import type { BlockHeader } from './rpc-endpoint.ts'

/** Blocks without events that are remembered to find the common ancestor after a reorganisation. */
const REMEMBERED_BLOCKS = 256

export interface IndexedBlock extends BlockHeader {
  hasEvents: boolean
}

/** Everything one step forward brings: it goes in whole or not at all. */
export interface IndexStep {
  events: readonly RegistryEvent[]
  /** Headers of all blocks with events, and of the block the index then stands at. */
  blocks: readonly IndexedBlock[]
}

/** Which streams and nodes a step touched. */
export interface Touched {
  streams: Set<string>
  nodes: Set<string>
}

const EVENT_TABLES = ['stream_event', 'permission_event', 'node_event', 'assignment_event'] as const

/** The writing side of the index: steps forward, and steps back. */
export class RegistryTables {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepareStatements>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepareStatements(database)
  }

  /** The newest block the index stands at; `undefined` before the first step. */
  head(): IndexedBlock | undefined {
    const row = this.#statements.head.get()
    return row === undefined ? undefined : { ...row, hasEvents: row.hasEvents === 1 }
  }

  /** Remembered blocks, oldest first. */
  blockNumbers(): number[] {
    return this.#statements.blockNumbers.all().map((row) => row.number)
  }

  block(number: number): BlockHeader | undefined {
    return this.#statements.block.get(number)
  }

  /** Takes a step forward, on disk when it returns. */
  apply(step: IndexStep): Touched {
    const touched: Touched = { streams: new Set(), nodes: new Set() }
    const run = this.#database.transaction(() => {
      for (const block of step.blocks) {
        this.#statements.putBlock.run(block.number, block.hash, block.timestamp, block.hasEvents ? 1 : 0)
      }
      for (const event of step.events) this.#insert(event, touched)
      this.#derive(touched)
      this.#statements.forgetBlocks.run(REMEMBERED_BLOCKS)
    })
    run()
    return touched
  }

  /** Takes back everything after block `ancestor`; -1 takes back all. */
  rollBackTo(ancestor: number): Touched {
    const touched: Touched = { streams: new Set(), nodes: new Set() }
    const run = this.#database.transaction(() => {
      for (const { id } of this.#statements.streamsAfter.all(ancestor, ancestor, ancestor))
        touched.streams.add(id)
      for (const { id } of this.#statements.nodesAfter.all(ancestor)) touched.nodes.add(id)
      for (const table of EVENT_TABLES) {
        this.#database.prepare(`DELETE FROM ${table} WHERE block > ?`).run(ancestor)
      }
      this.#statements.deleteBlocks.run(ancestor)
      this.#derive(touched)
    })
    run()
    return touched
  }

  #insert(event: RegistryEvent, touched: Touched): void {
    const at = [event.block, event.logIndex, event.transaction] as const
    switch (event.type) {
      case 'stream':
        this.#statements.putStreamEvent.run(...at, event.streamId, event.kind, event.metadata)
        touched.streams.add(event.streamId)
        break
      case 'permission':
        this.#statements.putPermissionEvent.run(
          ...at,
          event.streamId,
          event.userId,
          event.canEdit ? 1 : 0,
          event.canDelete ? 1 : 0,
          event.canGrant ? 1 : 0,
          event.publishExpiration.toString(),
          event.subscribeExpiration.toString(),
        )
        touched.streams.add(event.streamId)
        break
      case 'node':
        this.#statements.putNodeEvent.run(...at, event.node, event.kind, event.metadata, event.lastSeen)
        touched.nodes.add(event.node)
        break
      case 'assignment':
        this.#statements.putAssignmentEvent.run(...at, event.streamId, event.node, event.kind)
        touched.streams.add(event.streamId)
        break
    }
  }

  #derive(touched: Touched): void {
    for (const id of touched.streams) {
      this.#statements.dropStream.run(id)
      this.#statements.deriveStream.run({ id })
      this.#statements.dropPermissions.run(id)
      this.#statements.derivePermissions.run({ id })
      this.#statements.dropAssignments.run(id)
      this.#statements.deriveAssignments.run({ id })
    }
    for (const id of touched.nodes) {
      this.#statements.dropNode.run(id)
      this.#statements.deriveNode.run({ id })
    }
  }
}

function prepareStatements(database: Database.Database) {
  return {
    head: database.prepare<[], BlockHeader & { hasEvents: number }>(
      'SELECT number, hash, timestamp, has_events AS hasEvents FROM block ORDER BY number DESC LIMIT 1',
    ),
    blockNumbers: database.prepare<[], { number: number }>('SELECT number FROM block ORDER BY number'),
    block: database.prepare<[number], BlockHeader>(
      'SELECT number, hash, timestamp FROM block WHERE number = ?',
    ),
    putBlock: database.prepare('INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)'),
    deleteBlocks: database.prepare<[number]>('DELETE FROM block WHERE number > ?'),
    forgetBlocks: database.prepare<[number]>(
      `DELETE FROM block WHERE has_events = 0 AND number < (
         SELECT MIN(number) FROM (SELECT number FROM block WHERE has_events = 0 ORDER BY number DESC LIMIT ?))`,
    ),
    putStreamEvent: database.prepare('INSERT OR REPLACE INTO stream_event VALUES (?, ?, ?, ?, ?, ?)'),
    putPermissionEvent: database.prepare(
      'INSERT OR REPLACE INTO permission_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    putNodeEvent: database.prepare('INSERT OR REPLACE INTO node_event VALUES (?, ?, ?, ?, ?, ?, ?)'),
    putAssignmentEvent: database.prepare('INSERT OR REPLACE INTO assignment_event VALUES (?, ?, ?, ?, ?, ?)'),
    streamsAfter: database.prepare<[number, number, number], { id: string }>(
      `SELECT stream_id AS id FROM stream_event WHERE block > ?
       UNION SELECT stream_id FROM permission_event WHERE block > ?
       UNION SELECT stream_id FROM assignment_event WHERE block > ?`,
    ),
    nodesAfter: database.prepare<[number], { id: string }>(
      'SELECT DISTINCT node AS id FROM node_event WHERE block > ?',
    ),
    dropStream: database.prepare('DELETE FROM stream WHERE id = ?'),
    deriveStream: database.prepare<{ id: string }>(
      `INSERT INTO stream
       SELECT @id, latest.metadata, created.block, created.log_index
       FROM (SELECT * FROM stream_event WHERE stream_id = @id ORDER BY block DESC, log_index DESC LIMIT 1) AS latest,
            (SELECT * FROM stream_event WHERE stream_id = @id AND kind = 'created'
             ORDER BY block DESC, log_index DESC LIMIT 1) AS created
       WHERE latest.kind <> 'deleted'`,
    ),
    dropPermissions: database.prepare('DELETE FROM permission WHERE stream_id = ?'),
    // Of each user the last event since the stream was made, unless nothing is left of the rights.
    derivePermissions: database.prepare<{ id: string }>(
      `INSERT INTO permission
       SELECT stream_id, user_id, can_edit, can_delete, can_grant, publish_expiration, subscribe_expiration,
              MIN(CAST(publish_expiration AS REAL), 9007199254740991),
              MIN(CAST(subscribe_expiration AS REAL), 9007199254740991),
              block, transaction_hash
       FROM (
         SELECT event.*, ROW_NUMBER() OVER (PARTITION BY event.user_id
                                            ORDER BY event.block DESC, event.log_index DESC) AS age
         FROM permission_event AS event JOIN stream ON stream.id = event.stream_id
         WHERE event.stream_id = @id
           AND (event.block, event.log_index) > (stream.created_block, stream.created_log_index))
       WHERE age = 1
         AND (can_edit OR can_delete OR can_grant OR publish_expiration <> '0' OR subscribe_expiration <> '0')`,
    ),
    dropAssignments: database.prepare('DELETE FROM assignment WHERE stream_id = ?'),
    deriveAssignments: database.prepare<{ id: string }>(
      `INSERT INTO assignment
       SELECT stream_id, node, block FROM (
         SELECT *, ROW_NUMBER() OVER (PARTITION BY node ORDER BY block DESC, log_index DESC) AS age
         FROM assignment_event WHERE stream_id = @id)
       WHERE age = 1 AND kind = 'added'`,
    ),
    dropNode: database.prepare('DELETE FROM node WHERE id = ?'),
    deriveNode: database.prepare<{ id: string }>(
      `INSERT INTO node
       SELECT node, metadata, last_seen FROM (
         SELECT * FROM node_event WHERE node = @id ORDER BY block DESC, log_index DESC LIMIT 1)
       WHERE kind = 'updated'`,
    ),
  }
}
