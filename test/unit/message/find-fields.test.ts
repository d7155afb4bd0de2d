import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findFields } from '../../../electron/node/message/find-fields.ts'
import * as limits from '../../../electron/node/message/limits.ts'

const find = (content: unknown) => findFields(Buffer.from(JSON.stringify(content)))
const findText = (json: string) => findFields(Buffer.from(json))

describe('finding fields', () => {
  it('names numbers, booleans and texts by their path, in document order', () => {
    expect(
      find({ cpu: { cores: [{ load: 0.5 }, { load: 1 }] }, ok: true, mode: 'idle', none: null }).fields,
    ).toEqual([
      ['cpu.cores.0.load', 0.5],
      ['cpu.cores.1.load', 1],
      ['ok', true],
      ['mode', 'idle'],
    ])
  })

  it('escapes dots and backslashes in keys, so that different leaves have different paths', () => {
    expect(find({ 'a.b': 1, a: { b: 2, 'c\\': 3 }, '': 4 }).fields).toEqual([
      ['a\\.b', 1],
      ['a.b', 2],
      ['a.c\\\\', 3],
      ['', 4],
    ])
  })

  it('gives every leaf of an object its own path', () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean())
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof({ depthSize: 'small' }, leaf, tie('tree')), {
        maxKeys: 4,
      }),
    }))
    fc.assert(
      fc.property(tree, (root) => {
        const paths = find(root).fields.map(([path]) => path)
        expect(new Set(paths).size).toBe(paths.length)
      }),
    )
  })

  it('treats hostile keys as text and leaves every prototype alone', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const found = findText(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":2}},"hasOwnProperty":3}',
    )
    expect(found.fields).toEqual([
      ['__proto__.polluted', 1],
      ['constructor.prototype.x', 2],
      ['hasOwnProperty', 3],
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  })

  it('keeps 1e308 and text that looks like a number, and leaves out what is not finite', () => {
    const found = findText('{"big":1e308,"beyond":1e309,"text":"NaN","minus":-1e999}')
    expect(found.fields).toEqual([
      ['big', 1e308],
      ['text', 'NaN'],
    ])
    expect(found.omitted).toBe(2)
  })

  it('bounds the number of fields, and says how many were left out', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]))
    const found = find(many)
    expect(found.fields.length).toBe(limits.MAX_FIELDS_PER_MESSAGE)
    expect(found.omitted).toBe(300 - limits.MAX_FIELDS_PER_MESSAGE)
  })

  it('bounds depth, arrays, paths and texts', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { k: nested(depth - 1) })
    expect(find(nested(limits.MAX_FIELD_DEPTH)).fields.length).toBe(1)
    expect(find(nested(limits.MAX_FIELD_DEPTH + 1))).toMatchObject({ fields: [], omitted: 1 })
    expect(find({ a: Array.from({ length: 130 }, () => 1) })).toMatchObject({ omitted: 2 })
    expect(find({ ['k'.repeat(limits.MAX_FIELD_PATH_LENGTH + 1)]: 1 })).toMatchObject({
      fields: [],
      omitted: 1,
    })
    expect(find({ log: 'x'.repeat(limits.MAX_FIELD_TEXT_LENGTH + 1) })).toMatchObject({
      fields: [],
      omitted: 1,
    })
    expect(find({ log: 'x'.repeat(limits.MAX_FIELD_TEXT_LENGTH) }).fields.length).toBe(1)
  })

  it('reads content that is a single value', () => {
    expect(findText('42').fields).toEqual([['$', 42]])
    expect(findText('null')).toMatchObject({ fields: [], opaque: undefined })
  })

  it.each([
    ['nothing', '', 'empty'],
    ['a cut object', '{"a":1', 'not-json'],
    ['binary', '\u0000\u0001', 'not-json'],
    ['ten thousand brackets', '['.repeat(10_000), 'too-deep'],
    ['two hundred thousand zeros', `[${'0,'.repeat(100_000)}0]`, 'too-many-values'],
    ['ten million characters', `"${'x'.repeat(10_000_000)}"`, 'too-large'],
  ])('says why %s has no fields', (_, json, reason) => {
    expect(findText(json)).toEqual({ fields: [], omitted: 0, opaque: reason })
  })

  it('says so when JSON is not UTF-8', () => {
    expect(findFields(Uint8Array.from([0x22, 0xff, 0x22])).opaque).toBe('not-utf8')
  })

  it('is not misled by brackets and quotes inside texts', () => {
    const text = `${'['.repeat(100)}\\"${','.repeat(50)}`
    expect(find({ text, n: 1 }).fields).toEqual([
      ['text', text],
      ['n', 1],
    ])
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (content) => {
          const { fields } = findFields(content)
          expect(fields.every(([, value]) => typeof value !== 'number' || Number.isFinite(value))).toBe(true)
        },
      ),
    )
  })
})
