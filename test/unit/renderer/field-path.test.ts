import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findFields } from '../../../electron/node/message/find-fields.ts'
import { fieldValue } from '../../../shared/field-path.ts'

describe('a field path', () => {
  it('leads to the value that the node found under it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        const content: unknown = JSON.parse(text)
        for (const [path, found] of findFields(new TextEncoder().encode(text)).fields) {
          expect(fieldValue(content, path)).toEqual(found)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('finds nothing where there is nothing, and nothing that is not the content’s own', () => {
    expect(fieldValue({ a: 1 }, 'a.b')).toBeUndefined()
    expect(fieldValue({}, 'constructor')).toBeUndefined()
    expect(fieldValue({}, '__proto__.polluted')).toBeUndefined()
    expect(fieldValue({ 'a.b': 2 }, 'a\\.b')).toBe(2)
    expect(fieldValue(7, '$')).toBe(7)
  })
})
