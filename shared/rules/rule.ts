import { z } from 'zod'
import { fieldPathInput, partInput, publisherInput } from '../inputs.ts'
import { schemaProblem } from './json-schema-bounds.ts'
import {
  MAX_CHANNEL_NAME_LENGTH,
  MAX_RULE_CHANNELS,
  MAX_RULE_ID_LENGTH,
  MAX_RULE_NAME_LENGTH,
  MAX_RULE_NOTE_LENGTH,
  MAX_RULE_PUBLISHERS,
  MAX_RULE_TIME_MS,
  MIN_REPEAT_MS,
  MIN_RULE_TIME_MS,
} from './limits.ts'

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What provenance can be wrong with. `forged` and `unauthorised` speak for the whole stream part. */
export const PROVENANCE_FAULTS = ['gap', 'equivocation', 'forged', 'unauthorised'] as const
export type ProvenanceFault = (typeof PROVENANCE_FAULTS)[number]

const time = z.int().min(MIN_RULE_TIME_MS).max(MAX_RULE_TIME_MS)
const finite = z.number().finite()

/** An event, unlike a state, has no end of its own: its alert is resolved when none came for this long. */
const holdMs = time.default(300_000)

const jsonSchema = z
  .union([z.record(z.string(), z.unknown()), z.boolean()])
  .superRefine((schema, context) => {
    const problem = schemaProblem(schema)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

/** What a rule looks for. Times are message time. Fields are paths as the portal shows them. */
export const conditionSchema = z.discriminatedUnion('kind', [
  /** A number beyond a bound. With `clear` it has to come back further than it went out. */
  z.strictObject({
    kind: z.literal('threshold'),
    field: fieldPathInput,
    op: z.enum(['above', 'below']),
    value: finite,
    clear: finite.optional(),
  }),
  /** Nothing from a publisher for so long. */
  z.strictObject({ kind: z.literal('silence'), afterMs: time }),
  /** Messages in each window of message time that begins at a multiple of its length. */
  z.strictObject({
    kind: z.literal('frequency'),
    windowMs: time.multipleOf(1_000),
    min: z.int().min(1).optional(),
    max: z.int().min(0).optional(),
  }),
  /** A value that becomes another; one that stays the same for too long; a number that jumps by so much. */
  z.strictObject({ kind: z.literal('change'), field: fieldPathInput, holdMs }),
  z.strictObject({ kind: z.literal('stuck'), field: fieldPathInput, afterMs: time }),
  z.strictObject({ kind: z.literal('jump'), field: fieldPathInput, by: finite.positive(), holdMs }),
  /** A counter that goes back. */
  z.strictObject({ kind: z.literal('counter'), field: fieldPathInput, holdMs }),
  /** A counter that grows by more than `max` within a window: missed blocks, errors, restarts. */
  z.strictObject({
    kind: z.literal('missed-blocks'),
    field: fieldPathInput,
    max: finite.min(0),
    windowMs: time,
  }),
  /** A number that is behind the median of all publishers of the stream part. */
  z.strictObject({ kind: z.literal('lag'), field: fieldPathInput, by: finite.positive() }),
  /** Content that a JSON Schema (draft 2020-12) does not allow. It is interpreted, never compiled. */
  z.strictObject({ kind: z.literal('schema'), schema: jsonSchema }),
  /** A message of somebody who is not on the list. */
  z.strictObject({
    kind: z.literal('publishers'),
    allowed: z.array(publisherInput).min(1).max(MAX_RULE_PUBLISHERS),
    holdMs,
  }),
  z.strictObject({
    kind: z.literal('provenance'),
    faults: z.array(z.enum(PROVENANCE_FAULTS)).min(1).max(PROVENANCE_FAULTS.length),
    holdMs,
  }),
])
export type Condition = z.infer<typeof conditionSchema>
export type ConditionKind = Condition['kind']

export const ruleSchema = z
  .strictObject({
    id: z
      .string()
      .max(MAX_RULE_ID_LENGTH)
      .regex(/^[a-z0-9][a-z0-9-]*$/),
    name: z.string().trim().min(1).max(MAX_RULE_NAME_LENGTH),
    enabled: z.boolean().default(true),
    part: partInput,
    severity: z.enum(SEVERITIES).default('warning'),
    condition: conditionSchema,
    /** Only these publishers; those of a silence rule are missed even when they were never heard. */
    publishers: z.array(publisherInput).min(1).max(MAX_RULE_PUBLISHERS).optional(),
    /** The condition has to last this long before the alert fires; until then it is pending. */
    forMs: z.int().min(0).max(MAX_RULE_TIME_MS).default(0),
    /** Channels that are told, by name. */
    channels: z.array(z.string().max(MAX_CHANNEL_NAME_LENGTH)).max(MAX_RULE_CHANNELS).default([]),
    /** They are told again while the alert lasts, this often; never when left out. */
    repeatMs: z.int().min(MIN_REPEAT_MS).max(MAX_RULE_TIME_MS).optional(),
    /** For whoever is woken by it: what to do. */
    note: z.string().max(MAX_RULE_NOTE_LENGTH).default(''),
  })
  .superRefine(({ condition }, context) => {
    const problem = contradictionOf(condition)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['condition'], message: problem })
  })
export type Rule = z.infer<typeof ruleSchema>

function contradictionOf(condition: Condition): string | undefined {
  if (condition.kind === 'threshold' && condition.clear !== undefined) {
    const isBehind =
      condition.op === 'above' ? condition.clear <= condition.value : condition.clear >= condition.value
    if (!isBehind) return 'the value to clear at must lie on the good side of the threshold'
  }
  if (condition.kind === 'frequency') {
    const { min, max } = condition
    if (min === undefined && max === undefined) return 'a frequency needs a smallest or a largest number'
    if (min !== undefined && max !== undefined && min > max) return 'the smallest number is above the largest'
  }
  return undefined
}
