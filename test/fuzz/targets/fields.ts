import { findFields } from '../../../electron/node/message/find-fields.ts'
import * as limits from '../../../electron/node/message/limits.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutate } from '../mutate.ts'
import { generateJson } from './json-generator.ts'

/** The field finder: never throws, stays within its bounds, gives each leaf its own path, leaves prototypes alone. */
export const fieldsTarget: FuzzTarget = {
  name: 'fields',

  generate(random) {
    if (random.chance(10)) return random.bytes(random.length(2_000))
    const json = Buffer.from(generateJson(random))
    return random.chance(3) ? mutate(random, json) : json
  },

  check(input) {
    const { fields, omitted, opaque } = findFields(input)
    if (opaque !== undefined && fields.length + omitted > 0) throw new Error('Opaque content has fields')
    if (fields.length > limits.MAX_FIELDS_PER_MESSAGE) throw new Error('Too many fields')
    const paths = new Set<string>()
    for (const [path, value] of fields) {
      if (path.length > limits.MAX_FIELD_PATH_LENGTH) throw new Error('A path is too long')
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('A number is not finite')
      if (typeof value === 'string' && value.length > limits.MAX_FIELD_TEXT_LENGTH)
        throw new Error('A text is too long')
      if (paths.has(path)) throw new Error(`Two leaves have the path ${path}`)
      paths.add(path)
    }
    if ((Object.prototype as { polluted?: unknown }).polluted !== undefined)
      throw new Error('Object.prototype was changed')
  },
}
