import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import { findFields } from '../../electron/node/message/find-fields.ts'
import { readVerifiedBatch, VerifiedBatchEncoder } from '../../electron/node/message/verified-batch.ts'
import type { FieldValue, VerifiedMessage } from '../../electron/node/ports.ts'
import { openForWriting } from '../../electron/node/store/database.ts'
import { migrate } from '../../electron/node/store/migrate.ts'
import { SCHEMA_VERSION } from '../../electron/node/store/migrations/index.ts'
import { sqliteConnection } from '../../electron/node/store/sqlite-connection.ts'
import { StoreWriter } from '../../electron/node/store/write/store-writer.ts'

/** Bump when what is generated changes. */
const GENERATION = 2
export const STREAM = '0x0000000000000000000000000000000000000001/telemetry'
export const PART = `${STREAM}#0`
export const HISTORY_START = Date.UTC(2025, 0, 1)
export const PUBLISHERS = 5
export const FIELD = 'cpu.load'
/** Every publisher sends one message a second. */
const INTERVAL_MS = 1_000
const BATCH_MESSAGES = 2_000
const BATCHES_AT_ONCE = 4
const CONTENTS = 1_024

export function publisherOf(number: number): string {
  return `0x${(number + 1).toString(16).padStart(40, '0')}`
}

/** Time of the last message of a history, ms. */
export function historyEnd(messages: number): number {
  return HISTORY_START + Math.floor((messages - 1) / PUBLISHERS) * INTERVAL_MS
}

/**
 * A store file with so many messages of one-second telemetry: six numbers and two states each, about 226 bytes. It is
 * made once and kept in the temporary folder.
 */
export function historyFile(messages: number): string {
  const folder = join(tmpdir(), 'tidemark-bench')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `history-${SCHEMA_VERSION}-${GENERATION}-${messages}.sqlite`)
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.pid}`
    process.stderr.write(`bench: making a history of ${messages} messages, once\n`)
    generate(unfinished, messages)
    renameSync(unfinished, file)
  }
  return file
}

function generate(file: string, messages: number): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  const db = openForWriting(file)
  // The file is of no use until it is whole, so there is nothing to sync on the way.
  db.pragma('synchronous = OFF')
  migrate(db)
  const writer = new StoreWriter(sqliteConnection(db))
  const encoder = new VerifiedBatchEncoder()
  const contents = Array.from({ length: CONTENTS }, (_, index) => contentOf(index))
  const digest = Buffer.alloc(32)
  for (let number = 0; number < messages; ) {
    const buffers: ArrayBuffer[] = []
    for (let batch = 0; batch < BATCHES_AT_ONCE && number < messages; batch++) {
      const end = Math.min(number + BATCH_MESSAGES, messages)
      for (; number < end; number++) addMessage(encoder, number, contents, digest)
      buffers.push(encoder.finish())
    }
    writer.append(buffers.map((buffer) => readVerifiedBatch(buffer)))
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.pragma('journal_mode = DELETE')
  db.pragma('journal_mode = WAL')
  db.close()
}

function addMessage(
  encoder: VerifiedBatchEncoder,
  number: number,
  contents: readonly HistoryContent[],
  digest: Buffer,
): void {
  const publisher = number % PUBLISHERS
  const second = Math.floor(number / PUBLISHERS)
  const timestamp = HISTORY_START + second * INTERVAL_MS + publisher * 7
  const previous = second === 0 ? undefined : timestamp - INTERVAL_MS
  const content = contents[(number * 7_919) % CONTENTS] as HistoryContent
  encoder.add(madeMessage({ streamId: STREAM, number, publisher, timestamp, previous, content, digest }))
}

export type HistoryContent = { raw: Uint8Array; fields: FieldValue[] }

export interface MadeMessage {
  streamId: string
  number: number
  publisher: number
  timestamp: number
  previous: number | undefined
  content: HistoryContent
  /** Scratch space of 32 bytes. */
  digest: Buffer
}

/** One verified message of one-second telemetry. */
export function madeMessage(made: MadeMessage): VerifiedMessage {
  const { streamId, number, publisher, timestamp, previous, content, digest } = made
  // Not a hash, but as different from its neighbours as one.
  digest.writeUInt32LE(Math.imul(number, 2_654_435_761) >>> 0, 0)
  digest.writeUInt32LE(number, 4)
  return {
    id: { streamId, partition: 0, timestamp, sequence: 0, publisher: publisherOf(publisher), chain: 'bench' },
    previous: previous === undefined ? undefined : { timestamp: previous, sequence: 0 },
    digest: Buffer.from(digest),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    source: 'live',
    receivedAt: timestamp + 20,
    encrypted: false,
    fields: content.fields,
    raw: content.raw,
  }
}

export function contentOf(index: number): HistoryContent {
  const load = Math.round(500 + 400 * Math.sin(index / 40)) / 1_000
  const value = {
    cpu: { load, temperature: 40 + (index % 30) },
    memory: { used: 4_000_000_000 + index * 4_096, free: 12_000_000_000 },
    network: { in: index * 17, out: index * 5 },
    state: index % 100 === 0 ? 'busy' : 'idle',
    healthy: index % 250 !== 0,
  }
  const content = new Uint8Array(Buffer.from(JSON.stringify(value)))
  const raw = encodeStreamMessage({
    id: {
      streamId: STREAM,
      partition: 0,
      timestamp: HISTORY_START,
      sequence: 0,
      publisher: publisherOf(0),
      chain: 'bench',
    },
    previous: undefined,
    signature: new Uint8Array(65).fill(7),
    signatureType: 1,
    body: {
      kind: 'content',
      content,
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  })
  return { raw, fields: findFields(content).fields }
}
