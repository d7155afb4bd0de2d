import { expect, test } from 'vitest'
import { streamOptions } from '../../../renderer/ui/stream-options.ts'

const OWNER = '0x1111111111111111111111111111111111111111'

test('streams of one title are told apart by their parts, and a part is listed once', () => {
  const options = streamOptions([
    { part: `${OWNER}/cpu#0`, title: 'Machine' },
    { part: `${OWNER}/cpu#1`, title: 'Machine' },
    { part: `${OWNER}/cpu#0`, title: 'Machine' },
  ])
  expect(options.map(({ value }) => value)).toEqual([`${OWNER}/cpu#0`, `${OWNER}/cpu#1`])
  expect(new Set(options.map(({ label }) => label)).size).toBe(2)
})

test('a title that turns the direction of words or has no end is shown as text of a bounded length', () => {
  const [option] = streamOptions([{ part: `${OWNER}/x#0`, title: `\u202eevil${'x'.repeat(10_000)}` }])
  expect(option?.label).not.toContain('\u202e')
  expect(option?.label.length).toBeLessThan(120)
})

test('a stream without a title is told by its part alone', () => {
  const part = `${OWNER}/x#0`
  expect(streamOptions([{ part, title: part }])).toEqual(streamOptions([{ part, title: '' }]))
  expect(streamOptions([{ part, title: '' }])[0]?.label).toMatch(/^0x1111.*x#0$/)
})
