import { Validator } from '@cfworker/json-schema'
import { compilePlainSchema } from './plain-schema.ts'
import { withoutFormats } from './rules/json-schema-bounds.ts'

/** Where a content is not what its schema allows, and which keyword says so. */
export interface SchemaProblem {
  /** JSON pointer behind `#`. */
  place: string
  keyword: string
  /** As the interpreter has it; holds text of the content. */
  words: string
}

/** Longest place and longest words of a problem: contents are hostile. */
const MAX_PLACE_LENGTH = 200
const MAX_WORDS_LENGTH = 200

/** Holds contents to a JSON Schema. */
export interface SchemaJudge {
  /**
   * Undefined when the schema allows the value.
   * @throws what the interpreter does not understand of the schema
   */
  problemOf(value: unknown): SchemaProblem | undefined
}

/** @param schema within the bounds of `schemaProblem`; interpreted, so that no code is made of what strangers wrote */
export function createSchemaJudge(schema: unknown): SchemaJudge {
  const plain = withoutFormats(schema)
  // The interpreter writes its own notes into the schema.
  const surelyAllows = compilePlainSchema(plain)
  const validator = new Validator(plain as object, '2020-12', true)
  return {
    problemOf(value) {
      if (surelyAllows?.(value) === true) return undefined
      const { valid, errors } = validator.validate(value)
      if (valid) return undefined
      // The last is the innermost: the others say that something within is wrong.
      const error = errors.at(-1)
      return {
        place: (error?.instanceLocation ?? '#').slice(0, MAX_PLACE_LENGTH),
        keyword: error?.keyword ?? 'not valid',
        words: (error?.error ?? '').slice(0, MAX_WORDS_LENGTH),
      }
    },
  }
}
