import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyBuffer } from '../../../electron/node/store/postgres/copy-buffer.ts'
import { valuesOf } from '../../../electron/node/store/postgres/copy-output.ts'

function copyOf(values: readonly (Uint8Array | null)[]): Buffer {
  const rows = new CopyBuffer()
  for (const value of values) {
    rows.beginRow(1)
    rows.value(value)
  }
  return Buffer.concat(rows.take())
}

const values = fc.array(fc.option(fc.uint8Array({ maxLength: 400 })), { minLength: 1, maxLength: 60 })

test('the values of a COPY come out one behind the other, without those that are null', () => {
  fc.assert(
    fc.property(values, (given) => {
      expect(Buffer.from(valuesOf(copyOf(given)))).toEqual(
        Buffer.concat(given.filter((value) => value !== null)),
      )
    }),
  )
})

test('a COPY that was cut, or has other columns, is refused', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, share) => {
      const copy = copyOf(given)
      expect(() => valuesOf(copy.subarray(0, Math.floor(copy.length * share)))).toThrow(RangeError)
    }),
  )
  const rows = new CopyBuffer()
  rows.beginRow(2)
  rows.value(1)
  rows.value(2)
  expect(() => valuesOf(Buffer.concat(rows.take()))).toThrow(/2 columns/)
})
