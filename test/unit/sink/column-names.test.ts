import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  columnName,
  defaultTableName,
  isStorable,
  storablePath,
} from '../../../electron/node/sink/column-names.ts'
import { sinkTableInput } from '../../../shared/sink.ts'

const free = () => false
const anyPath = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom(
    'select',
    'tm_time',
    'TM_TIME',
    'ctid',
    'a.b',
    'a_b',
    'A_B',
    '',
    '.',
    '0',
    '__proto__',
    'user',
  ),
  fc.constantFrom('"; DROP TABLE x; --', 'a'.repeat(300), 'é', '\0', '\ud800', 'x\u202ey', "o'brien", 'a"b'),
)

describe('the name of a column', () => {
  it.each([
    ['load', 'load'],
    ['cpu.loadAverage', 'cpu_load_average'],
    ['cores.0.load', 'cores_0_load'],
    ['time', 'time'],
    ['user', 'user_'],
    ['order', 'order_'],
  ])('of %s is %s', (path, name) => {
    expect(columnName(path, free)).toBe(name)
  })

  it.each([
    ['tm_verdict', /^f_tm_verdict_[0-9a-f]{8}$/],
    ['Temp °C', /^temp_c_[0-9a-f]{8}$/],
    ['1st', /^f_1st_[0-9a-f]{8}$/],
    ['"; DROP TABLE messages; --', /^f__drop_table_messages_[0-9a-f]{8}$/],
    ['x'.repeat(300), /^x{54}_[0-9a-f]{8}$/],
    ['', /^f_[0-9a-f]{8}$/],
  ])('of %j has a part of its hash', (path, pattern) => {
    expect(columnName(path, free)).toMatch(pattern)
  })

  it('tells paths apart that differ in case or in dots alone, whichever comes first', () => {
    const taken = new Set<string>()
    for (const path of ['temp', 'Temp', 'TEMP', 'a.b', 'a_b', 'A.B']) {
      const name = columnName(path, (candidate) => taken.has(candidate))
      expect(taken.has(name)).toBe(false)
      taken.add(name)
    }
    expect([...taken].slice(0, 1)).toEqual(['temp'])
  })

  it('is never taken, never too long, never the sink’s own, and the same each time', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyPath, { maxLength: 40 }), (paths) => {
        const taken = new Set<string>()
        for (const path of paths) {
          const isTaken = (candidate: string) => taken.has(candidate)
          const name = columnName(path, isTaken)
          expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/)
          expect(name.startsWith('tm_')).toBe(false)
          expect(taken.has(name)).toBe(false)
          expect(columnName(path, isTaken)).toBe(name)
          taken.add(name)
        }
      }),
    )
  })
})

describe('the table of a stream', () => {
  it.each([
    ['0x1234/telemetry/machine#0', 'telemetry_machine'],
    ['0x1234/telemetry/machine#3', 'telemetry_machine_p3'],
    ['0x1234/Foo-Bar#0', 'foo_bar'],
    ['0x1234/tidemark/machine#0', 'machine'],
  ])('of %s is %s', (part, table) => {
    expect(defaultTableName(part)).toBe(table)
  })

  it('can always be made', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
        fc.nat(99),
        (stream, partition) => {
          expect(sinkTableInput.safeParse(defaultTableName(`${stream}#${partition}`)).success).toBe(true)
        },
      ),
    )
    expect(defaultTableName('0x1/select#0')).toMatch(/^stream_[0-9a-f]{12}$/)
  })
})

describe('a path that is kept', () => {
  it('has no character PostgreSQL cannot keep, and is as it was where it can', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (path) => {
        const kept = storablePath(path)
        expect(isStorable(kept)).toBe(true)
        if (isStorable(path)) expect(kept).toBe(path)
      }),
    )
    expect(storablePath('a\0b\ud800')).toBe('a\\u0000b\\ud800')
    expect(storablePath('😀')).toBe('😀')
  })
})
