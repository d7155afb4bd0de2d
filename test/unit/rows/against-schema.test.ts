import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageMark } from '../../../shared/message-mark.ts'
import { EPOCH, PART, STREAM, syntheticMessage } from '../store/synthetic-messages.ts'
import { type ExportHouse, openExports } from './exports.ts'

const SCHEMA = { type: 'object', required: ['cpu'], properties: { cpu: { type: 'number', maximum: 100 } } }
let schema: unknown = SCHEMA
let house: ExportHouse

beforeAll(async () => {
  house = await openExports(async (streamId) => (streamId === STREAM ? schema : undefined))
  const contents: unknown[] = [{ cpu: 1 }, { cpu: '2' }, { load: 3 }, { cpu: 400 }, { cpu: 5 }]
  await house.add([
    ...contents.map((content, at) => syntheticMessage({ at, content: content as object })),
    // Its clock is ten minutes behind; its content is as it should be.
    syntheticMessage({ at: 9_000, receivedAt: EPOCH + 609_000, content: { cpu: 6 } }),
  ])
})
afterAll(() => house.dispose())

const found = async (marks: MessageMark[]) => {
  const { rows } = await house.messages.page({ part: PART, order: 'ascending', limit: 10, marks })
  return rows.map(({ content }) => JSON.stringify(content))
}

describe('messages against the schema of their stream', () => {
  it('are found as such, alone and beside those with other marks', async () => {
    expect(await found(['schema'])).toEqual(['{"cpu":"2"}', '{"load":3}', '{"cpu":400}'])
    expect(await found(['clock'])).toEqual(['{"cpu":6}'])
    expect(await found(['schema', 'clock'])).toEqual([
      '{"cpu":"2"}',
      '{"load":3}',
      '{"cpu":400}',
      '{"cpu":6}',
    ])
  })

  it('go into files of them', async () => {
    const lines = (await house.file({ part: PART, format: 'jsonl', marks: ['schema'] })).toString().trimEnd()
    expect(lines.split('\n')).toHaveLength(3)
  })

  it('are none where the stream has no schema, or one that nothing can be held to', async () => {
    for (const other of [undefined, null, 'text', { properties: { cpu: { pattern: '(a+)+$' } } }]) {
      schema = other
      expect(await found(['schema'])).toEqual([])
    }
    schema = SCHEMA
  })
})

/** Long past this test's time. */
const FAR_MS = 50 * 365 * 86_400_000

describe('messages that claim a time far ahead', () => {
  it('are listed among those whose clock is off, latest of all, and opened, while they are held back', async () => {
    const part = `${STREAM}/ahead#0`
    const shape = { streamId: `${STREAM}/ahead`, receivedAt: EPOCH }
    await house.add([
      syntheticMessage({ ...shape, at: 1_000, receivedAt: EPOCH + 601_000, content: { n: 1 } }),
      syntheticMessage({ ...shape, at: FAR_MS, content: { n: 2 } }),
      syntheticMessage({ ...shape, at: FAR_MS + 1, content: { n: 3 } }),
    ])
    const page = async (order: 'ascending' | 'descending', more: object = {}) =>
      (await house.messages.page({ part, order, limit: 10, marks: ['clock'], ...more })).rows
    const contents = (rows: Awaited<ReturnType<typeof page>>) =>
      rows.map(({ content }) => (content as { n: number }).n)
    expect(contents(await page('ascending'))).toEqual([1, 2, 3])
    const descending = await page('descending')
    expect(contents(descending)).toEqual([3, 2, 1])
    const [last] = descending
    if (last === undefined) throw new Error('Nothing was listed')
    const after = { id: last.id, digest: last.digest }
    expect(contents(await page('descending', { after, limit: 1 }))).toEqual([2])
    expect(contents(await page('descending', { to: EPOCH + FAR_MS }))).toEqual([2, 1])
    expect(await page('ascending', { verdicts: ['unauthorised'] })).toEqual([])
    expect((await house.messages.stored(last.id, last.digest)).id).toEqual(last.id)
  })
})
