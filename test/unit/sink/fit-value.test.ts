import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitValue, instant, restValue, typeOfValue } from '../../../electron/node/sink/fit-value.ts'
import { COLUMN_TYPES } from '../../../shared/sink.ts'

const scalar = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('2026-01-05T00:00:00Z', '2026-02-31T00:00:00Z', '2026-01-05', '1e400', '\0'),
)

describe('a value and its column', () => {
  it.each([
    ['double precision', 0.5, 0.5],
    ['double precision', Number.POSITIVE_INFINITY, undefined],
    ['double precision', '1', undefined],
    ['boolean', true, true],
    ['boolean', 1, undefined],
    ['text', 'eu', 'eu'],
    ['text', 'a\0b', undefined],
    ['text', '\ud800', undefined],
    ['bigint', 42, 42],
    ['bigint', 0.5, undefined],
    ['bigint', 1e300, undefined],
    ['timestamptz', '2026-01-05T01:00:00+01:00', '2026-01-05T00:00:00.000Z'],
    ['timestamptz', 1_767_571_200_000, '2026-01-05T00:00:00.000Z'],
    ['timestamptz', '2026-02-31T00:00:00Z', undefined],
    ['timestamptz', '2026-01-05', undefined],
    ['timestamptz', -1, undefined],
  ] as const)('%s takes %j as %j', (type, value, fitted) => {
    expect(fitValue(type, value)).toEqual(fitted)
  })

  it('gets a column it fits, unless no column could keep it', () => {
    fc.assert(
      fc.property(scalar, (value) => {
        const fitted = fitValue(typeOfValue(value), value)
        if (fitted === undefined) expect(restValue(value)).not.toEqual(value)
        else expect(fitted).toBe(value)
      }),
    )
  })

  it('is lost nowhere: what does not fit can be read from what stands beside the columns', () => {
    fc.assert(
      fc.property(scalar, fc.constantFrom(...COLUMN_TYPES), (value, type) => {
        if (fitValue(type, value) !== undefined) return
        const rest = JSON.parse(JSON.stringify(restValue(value)))
        const read =
          typeof rest === 'object' ? Buffer.from(rest.utf16, 'hex').swap16().toString('utf16le') : rest
        expect(typeof value === 'number' && !Number.isFinite(value) ? Number(read) : read).toEqual(
          Object.is(value, -0) ? 0 : value,
        )
      }),
    )
  })

  it('is a point in time to the millisecond', () => {
    expect(instant(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(instant(8_640_000_000_000_000)).toBe('275760-09-13T00:00:00.000Z')
  })
})
