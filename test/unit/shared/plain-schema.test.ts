import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePlainSchema } from '../../../shared/plain-schema.ts'
import { createSchemaJudge } from '../../../shared/schema-judge.ts'

const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'length')
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, -0.5, 1e21),
  fc.constantFrom('', 'a', 'ab'),
  fc.boolean(),
  fc.constant(null),
)
const types = fc.constantFrom('number', 'integer', 'string', 'boolean', 'null', 'array', 'object', 'nothing')

/** `JSON.parse` gives `__proto__` as a key of its own, which is what contents come as. */
const asParsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const record = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries))

const { schema, content } = fc.letrec((tie) => ({
  content: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie('content'), { maxLength: 3 }),
    record(tie('content')),
  ),
  schema: fc.oneof(
    { maxDepth: 2 },
    fc.boolean(),
    fc.record(
      {
        type: fc.oneof(types, fc.array(types, { maxLength: 2 })),
        const: scalar,
        enum: fc.array(fc.oneof(scalar, tie('content')), { maxLength: 3 }),
        required: fc.array(name, { maxLength: 2 }),
        properties: record(tie('schema')),
        additionalProperties: tie('schema'),
        items: tie('schema'),
        minItems: fc.nat(2),
        maxItems: fc.nat(2),
        minimum: fc.integer({ min: -2, max: 2 }),
        maximum: fc.integer({ min: -2, max: 2 }),
        exclusiveMinimum: fc.integer({ min: -2, max: 2 }),
        exclusiveMaximum: fc.integer({ min: -2, max: 2 }),
        title: fc.constantFrom('T'),
        unit: fc.constantFrom('B'),
        minLength: fc.nat(2),
        not: tie('schema'),
      },
      { requiredKeys: [] },
    ),
  ),
}))

describe('the plain part of a JSON Schema', () => {
  it('allows nothing that the interpreter of the whole refuses', () => {
    let allowed = 0
    fc.assert(
      fc.property(schema, content, (of, value) => {
        const [schemaHere, contentHere] = [asParsed(of), asParsed(value)]
        if (compilePlainSchema(schemaHere)?.(contentHere) !== true) return
        allowed += 1
        expect(new Validator(schemaHere as object, '2020-12', true).validate(contentHere).valid).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(allowed).toBeGreaterThan(500)
  })

  it('allows what a schema of telemetry allows, and leaves alone what it does not know', () => {
    const telemetry = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['cpu'],
      properties: { cpu: { type: 'number', minimum: 0, unit: '%' }, up: { enum: ['ok', 'down', null] } },
      additionalProperties: false,
    }
    const allows = compilePlainSchema(telemetry)
    expect(allows?.({ cpu: 4, up: null })).toBe(true)
    for (const other of [{ cpu: -1 }, { up: 'ok' }, { cpu: 1, more: 1 }, [], 'cpu', null]) {
      expect(allows?.(other)).toBe(false)
    }
    expect(compilePlainSchema({ properties: { cpu: { multipleOf: 2 } } })).toBeUndefined()
  })
})

describe('a judge of contents', () => {
  it('says where and by which keyword a content is refused', () => {
    const judge = createSchemaJudge({
      type: 'object',
      properties: { cpu: { type: 'number' }, name: { type: 'string', minLength: 2 } },
    })
    expect(judge.problemOf({ cpu: 1, name: 'ab' })).toBeUndefined()
    expect(judge.problemOf({ cpu: '1' })).toMatchObject({ place: '#/cpu', keyword: 'type' })
    expect(judge.problemOf({ name: 'a' })).toMatchObject({ place: '#/name', keyword: 'minLength' })
  })

  it('takes a format for a remark, as the draft has it', () => {
    expect(createSchemaJudge({ format: 'date' }).problemOf('no date')).toBeUndefined()
  })
})
