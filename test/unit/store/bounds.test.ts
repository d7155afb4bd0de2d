import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeVerifiedBatch, readVerifiedBatch } from '../../../electron/node/message/verified-batch.ts'
import type { AppendResult, VerifiedMessage } from '../../../electron/node/ports.ts'
import {
  MAX_FORGED_PER_PART,
  MAX_HELD_PER_PART,
  MAX_REFUSED_BYTES,
  MAX_REFUSED_MESSAGES,
  MAX_UNAUTHORISED_PER_PART,
  MAX_UNDECIDED_PER_PART,
} from '../../../electron/node/store/limits.ts'
import { sqliteConnection } from '../../../electron/node/store/sqlite-connection.ts'
import { StoreWriter } from '../../../electron/node/store/write/store-writer.ts'
import { EPOCH, type MessageShape, syntheticMessage } from './synthetic-messages.ts'
import { openWriter, type WriterHarness } from './writer-harness.ts'

let harness: WriterHarness

beforeEach(() => {
  harness = openWriter()
})

afterEach(() => harness.close())

const count = (sql: string): unknown => harness.db.prepare(sql).pluck().get()

function many(length: number, shapeOf: (at: number) => MessageShape): VerifiedMessage[] {
  return Array.from({ length }, (_, at) => syntheticMessage(shapeOf(at)))
}

/** Copies of the one row that a table of unproven messages has, each at a time of its own. */
function fill(table: 'held' | 'unproven', rows: number): void {
  const names = harness.db.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all() as string[]
  const made: Record<string, string> = { timestamp: 'timestamp + n', raw: 'zeroblob(1)' }
  const values = names.map((name) => made[name] ?? `${table}.${name}`)
  harness.db.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows - 1})
    INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${table}, numbers`)
}

/** Appends as a writer does that has just opened the file, and so finds in it what was put there by hand. */
function appendAnew(message: VerifiedMessage): AppendResult | undefined {
  const writer = new StoreWriter(sqliteConnection(harness.db))
  return writer.append([readVerifiedBatch(encodeVerifiedBatch([message]))])[0]
}

describe('what anybody can make is bounded', () => {
  test('forged messages: the oldest received go, and counts follow', () => {
    const forged = (at: number): MessageShape => ({
      at,
      receivedAt: EPOCH + at,
      verdict: 'forged',
      reason: 'signature-invalid',
    })
    const share = MAX_FORGED_PER_PART / 8
    for (let from = 0; from < MAX_FORGED_PER_PART + share; from += 1_250) {
      harness.append(many(1_250, (at) => forged(from + at)))
    }
    expect(count('SELECT count(*) FROM unproven')).toBe(MAX_FORGED_PER_PART)
    expect(count('SELECT min(timestamp) FROM unproven')).toBe(EPOCH + share)
    expect(count('SELECT forged FROM parts')).toBe(MAX_FORGED_PER_PART)
    const maintained = harness.derived()
    harness.rebuild()
    expect(maintained).toEqual(harness.derived())
  })

  test('bytes that are no message: the newest are kept, each up to a bound', () => {
    const refused = Array.from({ length: 500 }, () => ({
      reason: 'malformed' as const,
      source: 'live',
      receivedAt: EPOCH,
      raw: new Uint8Array(8),
    }))
    const [first] = refused
    if (first) refused[0] = { ...first, raw: new Uint8Array(MAX_REFUSED_BYTES + 1) }
    for (let sent = 0; sent <= MAX_REFUSED_MESSAGES; sent += 500) harness.append([], refused)
    expect(count('SELECT count(*) FROM refused')).toBe(MAX_REFUSED_MESSAGES)
    expect(count('SELECT max(length(raw)) FROM refused')).toBe(MAX_REFUSED_BYTES)
    expect(count('SELECT max(size_bytes) FROM refused')).toBe(MAX_REFUSED_BYTES + 1)
  })
})

describe('what has to wait is bounded, and further ones are declined', () => {
  const LATER = 1_000_000

  test('undecided messages', () => {
    const undecided: MessageShape = { verdict: 'pending', reason: 'rpc-unavailable' }
    harness.append([syntheticMessage(undecided)])
    fill('unproven', MAX_UNDECIDED_PER_PART)
    const further = syntheticMessage({ ...undecided, at: LATER })
    expect(appendAnew(further)).toMatchObject({ stored: 0, declined: 1 })
    expect(appendAnew(syntheticMessage({ at: LATER }))).toMatchObject({ stored: 1, declined: 0 })
  }, 60_000)

  test('unauthorised messages', () => {
    const unauthorised: MessageShape = { verdict: 'unauthorised' }
    harness.append([syntheticMessage(unauthorised)])
    harness.db.exec(`UPDATE parts SET unauthorised = ${MAX_UNAUTHORISED_PER_PART}`)
    const further = syntheticMessage({ ...unauthorised, at: LATER })
    expect(appendAnew(further)).toMatchObject({ stored: 0, declined: 1 })
    expect(appendAnew(syntheticMessage({ at: LATER }))).toMatchObject({ stored: 1, declined: 0 })
  })

  test('messages ahead of their time', () => {
    const ahead = (at: number): MessageShape => ({ at, receivedAt: EPOCH })
    harness.append([syntheticMessage(ahead(LATER))])
    fill('held', MAX_HELD_PER_PART)
    expect(appendAnew(syntheticMessage(ahead(LATER * 2)))).toMatchObject({ held: 0, declined: 1 })
    expect(appendAnew(syntheticMessage({ at: LATER }))).toMatchObject({ stored: 1, declined: 0 })
  })
})
