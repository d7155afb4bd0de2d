/** True only for values that the schema allows; false says nothing. */
export type SurelyAllows = (value: unknown) => boolean

/** Keywords that decide something and are left to the interpreter. Others of which nothing is known here only annotate. */
const LEFT_TO_THE_INTERPRETER: ReadonlySet<string> = new Set(
  `$ref $recursiveRef $recursiveAnchor $dynamicRef $dynamicAnchor $id $anchor not anyOf allOf oneOf if then else format
   patternProperties unevaluatedProperties minProperties maxProperties propertyNames dependentRequired dependentSchemas
   dependencies prefixItems additionalItems unevaluatedItems contains minContains maxContains uniqueItems multipleOf
   minLength maxLength pattern`.split(/\s+/),
)

/**
 * The plain part of JSON Schema, which is nearly all that schemas of telemetry use, as closures made once: interpreting
 * a schema anew for each message costs many times as much. No code is generated.
 * @param schema within the bounds of `rules/json-schema-bounds.ts`
 * @returns undefined where the schema is not plain
 */
export function compilePlainSchema(schema: unknown): SurelyAllows | undefined {
  if (schema === true) return () => true
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return undefined
  const checks: SurelyAllows[] = []
  for (const [keyword, operand] of Object.entries(schema)) {
    if (LEFT_TO_THE_INTERPRETER.has(keyword)) return undefined
    if (!Object.hasOwn(COMPILERS, keyword)) continue
    const check = COMPILERS[keyword]?.(operand, schema as Record<string, unknown>)
    if (check === undefined) return undefined
    checks.push(check)
  }
  return (value) => {
    for (const check of checks) if (!check(value)) return false
    return true
  }
}

type Compiler = (operand: unknown, schema: Record<string, unknown>) => SurelyAllows | undefined

const COMPILERS: Readonly<Record<string, Compiler>> = {
  type: (operand) => {
    const types = (Array.isArray(operand) ? operand : [operand]).map((name) => TYPES[String(name)])
    if (types.some((type) => type === undefined)) return undefined
    return (value) => types.some((type) => type?.(value))
  },
  const: (operand) => (isObject(operand) ? undefined : (value) => value === operand),
  enum: (operand) =>
    Array.isArray(operand) && !operand.some(isObject) ? (value) => operand.includes(value) : undefined,
  required: (operand) => {
    if (!Array.isArray(operand) || operand.some((name) => typeof name !== 'string')) return undefined
    return (value) => !isRecord(value) || operand.every((name: string) => Object.hasOwn(value, name))
  },
  properties: (operand) => {
    const members = membersOf(operand)
    if (members === undefined) return undefined
    return (value) =>
      !isRecord(value) ||
      members.every(({ name, allows }) => !Object.hasOwn(value, name) || allows(value[name]))
  },
  additionalProperties: (operand, { properties = {} }) => {
    const allows = operand === false ? () => false : compilePlainSchema(operand)
    if (allows === undefined || !isObject(properties)) return undefined
    const names = new Set(Object.keys(properties))
    return (value) =>
      !isRecord(value) || Object.keys(value).every((name) => names.has(name) || allows(value[name]))
  },
  items: (operand) => {
    const allows = compilePlainSchema(operand)
    return allows && ((value) => !Array.isArray(value) || value.every(allows))
  },
  minItems: ofNumber((least) => (value) => !Array.isArray(value) || value.length >= least),
  maxItems: ofNumber((most) => (value) => !Array.isArray(value) || value.length <= most),
  minimum: ofNumber((least) => (value) => typeof value !== 'number' || value >= least),
  maximum: ofNumber((most) => (value) => typeof value !== 'number' || value <= most),
  exclusiveMinimum: ofNumber((bound) => (value) => typeof value !== 'number' || value > bound),
  exclusiveMaximum: ofNumber((bound) => (value) => typeof value !== 'number' || value < bound),
}

const TYPES: Readonly<Record<string, SurelyAllows | undefined>> = Object.assign(Object.create(null), {
  number: (value: unknown) => typeof value === 'number',
  integer: (value: unknown) => typeof value === 'number' && value % 1 === 0,
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  null: (value: unknown) => value === null,
  array: (value: unknown) => Array.isArray(value),
  object: isRecord,
})

function ofNumber(make: (operand: number) => SurelyAllows): Compiler {
  return (operand) => (typeof operand === 'number' ? make(operand) : undefined)
}

function membersOf(properties: unknown): { name: string; allows: SurelyAllows }[] | undefined {
  if (!isObject(properties)) return undefined
  const members = Object.entries(properties).map(([name, schema]) => ({
    name,
    allows: compilePlainSchema(schema),
  }))
  return members.every((member) => member.allows !== undefined)
    ? (members as { name: string; allows: SurelyAllows }[])
    : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
