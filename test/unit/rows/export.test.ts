import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExportRequest } from '../../../electron/node/export-desk.ts'
import { createMessageBrowser } from '../../../electron/node/message-browser.ts'
import type { MessageQuery, MessageStore } from '../../../electron/node/ports.ts'
import { ROW_GROUP_ROWS } from '../../../electron/node/rows/limits.ts'
import { createRowMethods } from '../../../electron/node/rows/row-methods.ts'
import { fromInertText } from '../../../shared/format/inert-text.ts'
import { readCondition } from '../../../shared/message-filter.ts'
import { chainOf, EPOCH, type MessageShape, STREAM, syntheticMessage } from '../store/synthetic-messages.ts'
import { type ExportHouse, LOGS, NO_EVIDENCE, NODE, openExports } from './exports.ts'

const HOSTILE = [
  '=HYPERLINK("http://evil","x")',
  '+1',
  '-2+3|cmd',
  '@SUM(A1)',
  '\t=1',
  'a;=b',
  '"quoted", and\r\nbroken',
  '<script>alert(1)</script>',
  '\u202e reversed \u0000',
  "'already",
  '＝wide',
  '👩‍🚀',
  'x'.repeat(10_000),
]

/** RFC 4180, read strictly. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let at = 0
  while (at < text.length) {
    const row = rows[rows.length - 1] as string[]
    let cell = ''
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (text[at] === '"' && text[at + 1] === '"') at += 1
        else if (text[at] === '"') break
        cell += text[at]
      }
      at += 1
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') cell += text[at++]
    }
    row.push(cell)
    if (text[at] === ',') at += 1
    else if (text.startsWith('\r\n', at)) {
      at += 2
      if (at < text.length) rows.push([])
    } else if (at < text.length) throw new Error(`not RFC 4180 at ${at}`)
  }
  return rows
}

function recordsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = readCsv(text)
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])))
}

let house: ExportHouse
beforeAll(async () => {
  house = await openExports()
})
afterAll(() => house.dispose())
/** Each test has a stream of its own in the one store. */
let stream = ''
let part = ''
beforeEach(({ task }) => {
  stream = `${STREAM}/${task.id}`
  part = `${stream}#0`
})
const chain = (count: number, shape: MessageShape = {}) => chainOf(count, { ...shape, streamId: stream })
const message = (shape: MessageShape) => syntheticMessage({ ...shape, streamId: stream })
const file = (request: Partial<ExportRequest>) => house.file({ part, ...request })

describe('an export as CSV', () => {
  it('has every row of the range with where it comes from, and numbers as numbers', async () => {
    await house.add(chain(5, { content: { load: -0.5, deep: { 'a.b': 'x' } } }))
    const records = recordsOf(
      (await file({ columns: ['load', 'deep.a\\.b'], from: EPOCH + 1_000, to: EPOCH + 3_000 })).toString(),
    )
    expect(records.map(({ timestamp_ms }) => Number(timestamp_ms) - EPOCH)).toEqual([1_000, 2_000, 3_000])
    expect(records[0]).toMatchObject({
      time: '2026-01-05T00:00:01.000Z',
      sequence: '0',
      verdict: 'verified',
      reason: 'signed-and-permitted',
      'content.load': '-0.5',
      'content.deep.a\\.b': 'x',
      source: 'live',
    })
    expect(records[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it('holds hostile texts inert and unharmed', async () => {
    await house.add(HOSTILE.map((text, index) => message({ at: index, content: { text } })))
    const csv = (await file({ columns: ['text'] })).toString()
    const records = recordsOf(csv)
    expect(records.map((record) => fromInertText(record['content.text'] ?? ''))).toEqual(HOSTILE)
    for (const record of records) {
      for (const cell of Object.values(record)) expect(cell).not.toMatch(/^[\s\p{C}]*[=+@＝]/u)
    }
  })

  it('keeps JSON as it was published, digit for digit', async () => {
    await house.add([message({ content: { big: 1 } })])
    const [record] = recordsOf((await file({})).toString())
    expect(record?.content).toBe('{"big":1}')
  })
})

describe('an export as JSON lines', () => {
  it('is one object a row, newest first where that is asked for', async () => {
    await house.add(chain(3, { content: { a: 'line\nbreak' } }))
    const lines = (await file({ format: 'jsonl', order: 'descending' })).toString().trimEnd().split('\n')
    const rows = lines.map((line) => JSON.parse(line))
    expect(rows.map(({ messageId }) => messageId.timestamp - EPOCH)).toEqual([2_000, 1_000, 0])
    expect(rows[0]).toMatchObject({
      content: { a: 'line\nbreak' },
      verdict: 'verified',
      messageId: { streamId: stream },
    })
  })

  it('has chosen fields by their path, whatever they are called', async () => {
    await house.add([message({ content: JSON.parse('{"__proto__": 1, "constructor": "x"}') })])
    const text = (await file({ format: 'jsonl', columns: ['__proto__', 'constructor', 'none'] })).toString()
    expect(text).toContain('"fields":{"__proto__":1,"constructor":"x"}')
  })
})

const parquetOf = (file: Buffer) => new Uint8Array(file).buffer as ArrayBuffer

describe('an export as Parquet', () => {
  it('comes back from another reader as it was, whatever the values', async () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom(...HOSTILE),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 8 }), async (values) => {
        const methods = createRowMethods()
        const columns = [
          { path: 'v', kind: 'number' as const },
          { path: 'v.deep', kind: 'text' as const },
        ]
        const batch = values.map((v, at) => ({
          ...syntheticMessage({ at, content: { v } }),
          equivocation: false,
        }))
        const pieces = [
          methods.open('x', { format: 'parquet', columns, facts: {}, filter: {} }).bytes,
          methods.write('x', batch, batch.length).bytes,
          methods.end('x').bytes,
        ]
        const rows = await parquetReadObjects({ file: parquetOf(Buffer.concat(pieces)) })
        for (const [index, row] of rows.entries()) {
          const v = JSON.parse(JSON.stringify(values[index]))
          expect(row['content.v']).toEqual(typeof v === 'number' ? v : null)
          expect(row.unfit === null ? null : JSON.parse(row.unfit)).toEqual(
            typeof v === 'number' ? null : { v },
          )
          expect(row.time).toEqual(new Date(EPOCH + index))
        }
        expect(rows).toHaveLength(values.length)
      }),
      { numRuns: 20 },
    )
  })

  it('is written in row groups, with the citation and the count of rows in its footer', async () => {
    const methods = createRowMethods()
    const one = {
      ...syntheticMessage({ content: { load: 0.25, on: true, name: '=x' } }),
      equivocation: false,
    }
    const pieces = [
      methods.open('x', { format: 'parquet', columns: null, facts: { tidemark: 'cited' }, filter: {} }).bytes,
    ]
    for (let rows = 0; rows < ROW_GROUP_ROWS + 1_000; rows += 1_000) {
      pieces.push(methods.write('x', Array(1_000).fill(one), 1_000).bytes)
    }
    const { bytes, outcome } = methods.end('x')
    const written = Buffer.concat([...pieces, bytes])
    const metadata = parquetMetadata(parquetOf(written))
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))[0]).toBe(ROW_GROUP_ROWS)
    expect(metadata.row_groups).toHaveLength(2)
    expect(Number(metadata.num_rows)).toBe(outcome.rows)
    expect(metadata.key_value_metadata).toContainEqual({ key: 'tidemark', value: 'cited' })
    expect(metadata.key_value_metadata).toContainEqual({ key: 'rows', value: String(outcome.rows) })
    expect(outcome.sha256).toBe(createHash('sha256').update(written).digest('hex'))
    // Nothing of a closed group stays behind: what is handed out is all there is.
    expect(pieces.filter((piece) => piece.length > 4).length).toBe(1)
  })

  it('types its columns by what the store knows of the fields', async () => {
    await house.add(chain(3, { content: { load: 0.25, on: true, name: '=x' } }))
    const typed = await file({ format: 'parquet', columns: ['load', 'on', 'name'] })
    const { schema } = parquetMetadata(parquetOf(typed))
    const types = Object.fromEntries(
      schema.map(({ name, type, converted_type }) => [name, converted_type ?? type]),
    )
    expect(types).toMatchObject({
      time: 'TIMESTAMP_MILLIS',
      sequence: 'INT32',
      'content.load': 'DOUBLE',
      'content.on': 'BOOLEAN',
      'content.name': 'UTF8',
      digest: 'UTF8',
    })
    const [row] = await parquetReadObjects({ file: parquetOf(typed) })
    expect(row).toMatchObject({ 'content.load': 0.25, 'content.on': true, 'content.name': '=x' })
  })
})

describe('exports', () => {
  it('hold exactly what the filters let pass, and cite them', async () => {
    await house.add(Array.from({ length: 50 }, (_, at) => message({ at, content: { n: at } })))
    const conditions = [readCondition('n >= 40')].filter((one) => one !== null)
    const open = await house.exports.open({
      part,
      order: 'ascending',
      format: 'jsonl',
      columns: null,
      conditions,
      text: '4',
    })
    const pieces: Uint8Array[] = []
    for await (const piece of house.exports.read(open.id).bytes) pieces.push(piece)
    const rows = Buffer.concat(pieces).toString().trimEnd().split('\n')
    expect(rows.map((line) => JSON.parse(line).content.n)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49])
    expect(house.exports.progress(open.id)).toMatchObject({
      state: 'done',
      rows: 10,
      scanned: 50,
      total: 50,
      citation: { stream, filters: { conditions, text: '4' }, node: NODE, remoteLogs: LOGS },
      outcome: { rows: 10, sha256: createHash('sha256').update(Buffer.concat(pieces)).digest('hex') },
    })
  })

  it('are read once, and not at all after they were cancelled', async () => {
    await house.add(chain(3))
    const request = { part, order: 'ascending', format: 'csv', columns: null } as const
    const first = await house.exports.open(request)
    house.exports.read(first.id)
    expect(() => house.exports.read(first.id)).toThrow('not open')
    const second = await house.exports.open(request)
    house.exports.cancel(second.id)
    expect(() => house.exports.read(second.id)).toThrow('not open')
    expect(house.exports.progress(second.id).state).toBe('cancelled')
  })

  it('end where their reader goes away, and say that what was saved is not whole', async () => {
    await house.add(chain(3))
    const { id } = await house.exports.open({ part, order: 'ascending', format: 'csv', columns: null })
    for await (const _ of house.exports.read(id).bytes) break
    expect(house.exports.progress(id)).toMatchObject({ state: 'failed', outcome: null })
    expect(house.exports.progress(id).error?.remedy).toContain('not whole')
  })

  it('break off when they are cancelled under way', async () => {
    await house.add(chain(3))
    const { id } = await house.exports.open({ part, order: 'ascending', format: 'csv', columns: null })
    const iterator = house.exports.read(id).bytes[Symbol.asyncIterator]()
    await iterator.next()
    house.exports.cancel(id)
    await expect(iterator.next()).rejects.toThrow()
    expect(house.exports.progress(id).state).toBe('cancelled')
  })

  it('are bounded in number', async () => {
    const request = { part, order: 'ascending', format: 'csv', columns: null } as const
    const open = await Promise.all(Array.from({ length: 4 }, () => house.exports.open(request)))
    await expect(house.exports.open(request)).rejects.toMatchObject({ code: 'busy' })
    for (const { id } of open) house.exports.cancel(id)
    await expect(house.exports.open(request)).resolves.toMatchObject({ state: 'waiting' })
  })
})

describe('a search in the messages', () => {
  it('finds what lies deep, says how much it looked through, and goes on from where it was', async () => {
    const plain = { ...message({ content: { word: '' } }), equivocation: false }
    const needle = { ...message({ content: { word: 'Nadel' } }), equivocation: false }
    const at = (time: number) => {
      const one = time === 5 ? needle : plain
      return { ...one, id: { ...one.id, timestamp: EPOCH + time } }
    }
    async function* query({ to }: MessageQuery) {
      const newest = Math.min(19_999, (to?.timestamp ?? Number.MAX_SAFE_INTEGER) - EPOCH)
      for (let next = newest; next >= 0; next -= 2_048) {
        yield Array.from({ length: Math.min(2_048, next + 1) }, (_, index) => at(next - index))
      }
    }
    const long = createMessageBrowser({
      store: { query } as unknown as MessageStore,
      rows: house.rows,
      evidence: NO_EVIDENCE,
    })
    const first = await long.page({ part, order: 'descending', limit: 10, text: 'nadel' })
    expect(first.rows).toEqual([])
    expect(first.scanned).toBe(16_384)
    if (first.next === null) throw new Error('the range is longer than one page looks through')
    const second = await long.page({ part, order: 'descending', limit: 10, text: 'nadel', after: first.next })
    expect(second.rows.map(({ id }) => id.timestamp - EPOCH)).toEqual([5])
    expect(second.next).toBeNull()
    expect(first.scanned + second.scanned).toBe(20_000)
  })

  it('finds in publisher and digest, and by conditions, both ways', async () => {
    await house.add(
      Array.from({ length: 30 }, (_, at) => message({ at, publisher: at % 3, content: { n: at } })),
    )
    const conditions = [{ path: 'n', test: 'at-least', value: '27' } as const]
    const ascending = await house.messages.page({ part, order: 'ascending', limit: 2, conditions })
    expect(ascending.rows.map(({ content }) => (content as { n: number }).n)).toEqual([27, 28])
    const [row] = ascending.rows
    const byDigest = await house.messages.page({
      part,
      order: 'descending',
      limit: 5,
      text: row?.digest.slice(0, 20).toUpperCase() ?? '',
    })
    expect(byDigest.rows.map(({ digest }) => digest)).toEqual([row?.digest])
  })

  it('finds what JSON writes by number', async () => {
    await house.add([message({ content: { a: 'é' } })])
    const found = await house.messages.page({ part, order: 'descending', limit: 5, text: 'É' })
    expect(found.rows).toHaveLength(1)
  })

  it('knows what the same publisher sent before', async () => {
    await house.add([...chain(3, { publisher: 1 }), ...chain(3, { publisher: 2, at: 500 })])
    const { rows } = await house.messages.page({ part, order: 'descending', limit: 10 })
    const before = await house.messages.predecessors(rows.map(({ id }) => id))
    expect(before.map((row) => row && row.id.timestamp - EPOCH)).toEqual([1_500, 1_000, 500, 0, null, null])
  })
})
