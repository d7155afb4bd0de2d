import type { VerifiedBatch } from '../../message/verified-batch.ts'
import { DIGEST_BYTES } from '../../message/verified-batch-layout.ts'
import { hasPredecessor, type MessageEntry } from '../write/message-entry.ts'
import { type Inserted, type KnownNames, MessageTable } from '../write/message-table.ts'
import type { BufferedTable, PostgresConnection } from './postgres-connection.ts'
import { TableCopy } from './table-copy.ts'

const COLUMNS = [
  ...['part', 'timestamp', 'sequence', 'publisher', 'chain', 'digest', 'previous_timestamp'],
  ...['previous_sequence', 'verdict', 'reason', 'flags', 'source', 'received_at', 'raw'],
]

/** Bytes of one position in the stored messages: (part, timestamp, sequence, publisher, chain). */
type IdKey = string

/**
 * `messages` over the wire. One statement before a batch asks which of its messages, and of those they name, are
 * stored; what is new is gathered and sent by COPY. Both rest on the lock that the transaction holds on the rows of
 * its parts: nobody else stores messages of them in between.
 */
export class MessageCopy extends MessageTable implements BufferedTable {
  readonly table = 'messages'
  readonly #connection: PostgresConnection
  readonly #copy: TableCopy
  /** Digests stored under the ids asked about, and under those written since, one behind the other. */
  readonly #known = new Map<IdKey, string>()
  /** Newest stored timestamp of each part asked about: nothing behind it is stored. */
  readonly #newest = new Map<number, number>()
  /**
   * Places of messages that were expected of a publisher or on a chain that had no name: whatever was stored there
   * under names that were known has been asked about, so nothing is under theirs.
   */
  readonly #unnamed = new Set<string>()
  /** Some of the expected messages are of parts that were not there. */
  #hasNewParts = false

  constructor(connection: PostgresConnection) {
    super(connection)
    this.#connection = connection
    this.#copy = new TableCopy(connection.wire, 'messages', COLUMNS)
    connection.buffer(this)
  }

  /** Finds out what is stored of the messages of some batches, whose parts are locked. */
  override expect(batches: readonly VerifiedBatch[], names: KnownNames): void {
    this.#forget()
    const asked = new Map<IdKey, readonly number[]>()
    for (const batch of batches) {
      const parts = batch.parts.map((name) => names.part(name))
      const publishers = batch.publishers.map((name) => names.publisher(name))
      const chains = batch.chains.map((name) => names.chain(name))
      for (const part of parts) {
        if (part === undefined) this.#hasNewParts = true
        else this.#findNewest(part)
      }
      for (let at = 0; at < batch.messages; at++) {
        const part = parts[batch.partIndexes[at] as number]
        const publisher = publishers[batch.publisherIndexes[at] as number]
        const chain = chains[batch.chainIndexes[at] as number]
        if (part !== undefined && (publisher === undefined || chain === undefined))
          this.#unnamed.add(placeOf(part, batch.timestamps[at] as number, batch.sequences[at] as number))
        if (part === undefined || publisher === undefined || chain === undefined) continue
        const ask = (timestamp: number, sequence: number): void => {
          if (!(timestamp <= (this.#newest.get(part) ?? Number.NEGATIVE_INFINITY))) return
          asked.set(keyOf(part, timestamp, sequence, publisher, chain), [
            ...[part, timestamp, sequence, publisher, chain],
          ])
        }
        ask(batch.timestamps[at] as number, batch.sequences[at] as number)
        ask(batch.previousTimestamps[at] as number, batch.previousSequences[at] as number)
      }
    }
    if (asked.size > 0) this.#look(asked)
  }

  override insert(
    part: number,
    publisher: number,
    chain: number,
    entry: MessageEntry,
    isNewest: boolean,
  ): Inserted {
    const { timestamp, sequence } = entry
    const key = keyOf(part, timestamp, sequence, publisher, chain)
    // Made since it was asked about, and held from then on: whether another node was quicker is seen now.
    if (this.#hasNewParts) this.#findNewest(part)
    const isOfNewName = this.#unnamed.has(placeOf(part, timestamp, sequence))
    const stored = this.#storedUnder(key, part, timestamp) ?? (isOfNewName ? '' : undefined)
    if (stored === undefined) return super.insert(part, publisher, chain, entry, isNewest)
    const digest = textOf(entry.digest)
    if (hasDigest(stored, digest)) return { isNew: false, rivals: 0 }
    const rivals = stored.length / DIGEST_BYTES
    this.#known.set(key, stored + digest)
    this.#write(part, publisher, chain, entry)
    if (rivals > 0) this.mark(part, publisher, chain, entry)
    return { isNew: true, rivals }
  }

  /** Whether anything is stored under an id. */
  override isStored(
    part: number,
    timestamp: number,
    sequence: number,
    publisher: number,
    chain: number,
  ): boolean {
    const stored = this.#storedUnder(keyOf(part, timestamp, sequence, publisher, chain), part, timestamp)
    return stored === undefined ? super.isStored(part, timestamp, sequence, publisher, chain) : stored !== ''
  }

  flush(): void {
    this.#connection.guarded(() => this.#copy.end())
  }

  settle(): void {
    if (this.#copy.isUnderWay) this.flush()
  }

  clear(): void {
    this.#copy.abort()
    this.#forget()
  }

  /** Ends what `expect` found out: it holds for the transaction alone. */
  #forget(): void {
    this.#known.clear()
    this.#newest.clear()
    this.#unnamed.clear()
    this.#hasNewParts = false
  }

  #storedUnder(key: IdKey, part: number, timestamp: number): string | undefined {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const newest = this.#newest.get(part)
    return newest !== undefined && timestamp > newest ? '' : undefined
  }

  #findNewest(part: number): void {
    if (this.#newest.has(part)) return
    const { rows } = this.#connection.request(
      'SELECT timestamp FROM messages WHERE part = $1 ORDER BY timestamp DESC LIMIT 1',
      [part],
      true,
    )
    this.#newest.set(part, Number(rows[0]?.[0] ?? Number.NEGATIVE_INFINITY))
  }

  #look(asked: ReadonlyMap<IdKey, readonly number[]>): void {
    const ids = [...asked.values()]
    const columns = [0, 1, 2, 3, 4].map((column) => `{${ids.map((id) => id[column]).join(',')}}`)
    const arrays = columns.map((_, at) => `CAST($${at + 1} AS BIGINT[])`).join(', ')
    for (const key of asked.keys()) this.#known.set(key, '')
    // OFFSET 0 has the server look up one key after the other, whatever it thinks of the table's size.
    const { rows } = this.#connection.request(
      `SELECT m.part, m.timestamp, m.sequence, m.publisher, m.chain, m.digest
       FROM unnest(${arrays}) AS asked (part, timestamp, sequence, publisher, chain)
       CROSS JOIN LATERAL (
         SELECT * FROM messages WHERE part = asked.part AND timestamp = asked.timestamp
           AND sequence = asked.sequence AND publisher = asked.publisher AND chain = asked.chain OFFSET 0
       ) m`,
      columns,
      true,
    )
    for (const [part, timestamp, sequence, publisher, chain, digest] of rows) {
      const key = keyOf(Number(part), Number(timestamp), Number(sequence), Number(publisher), Number(chain))
      this.#known.set(key, (this.#known.get(key) ?? '') + textOf(digest as Uint8Array))
    }
  }

  #write(part: number, publisher: number, chain: number, entry: MessageEntry): void {
    const named = hasPredecessor(entry)
    const copy = this.#copy.beginRow()
    copy.integer(part)
    copy.integer(entry.timestamp)
    copy.integer(entry.sequence)
    copy.integer(publisher)
    copy.integer(chain)
    copy.bytes(entry.digest)
    copy.integer(named ? entry.previousTimestamp : null)
    copy.integer(named ? entry.previousSequence : null)
    copy.integer(entry.verdict)
    copy.integer(entry.reason)
    copy.integer(entry.flags)
    copy.integer(entry.source)
    copy.integer(entry.receivedAt)
    copy.bytes(entry.raw)
    // The server takes these while the next ones are looked at.
    this.#copy.sendFull()
  }
}

function keyOf(part: number, timestamp: number, sequence: number, publisher: number, chain: number): IdKey {
  return `${part} ${timestamp} ${sequence} ${publisher} ${chain}`
}

function placeOf(part: number, timestamp: number, sequence: number): string {
  return `${part} ${timestamp} ${sequence}`
}

/** Whether a digest is among some that stand one behind the other. */
function hasDigest(digests: string, digest: string): boolean {
  for (let at = 0; at < digests.length; at += DIGEST_BYTES) if (digests.startsWith(digest, at)) return true
  return false
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('latin1')
}
