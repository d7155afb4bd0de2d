import { z } from 'zod'
import { type JsonSchema, UNAVAILABLE_REASONS } from './collector.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'

/** Units as they stand in a published schema: SI and binary-free, so that any reader can scale them. */
export type Unit = '%' | 'B' | 'B/s' | 'ms' | 's' | 'gas' | 'gwei' | 'SOL' | '1'

/** A measured number: `null` when it could not be read. */
export function quantity(unit: Unit, title: string, description: string) {
  return z.number().nullable().meta({ title, description, unit })
}

/** A word the endpoint says of itself, bounded in length: `null` when it could not be read. */
export function word(title: string, description: string) {
  return z.string().max(MAX_TEXT_LENGTH).nullable().meta({ title, description })
}

/** A yes or no: `null` when it could not be read. */
export function flag(title: string, description: string) {
  return z.boolean().nullable().meta({ title, description })
}

/** Which readings are missing from a sample and why, by the dotted path of the field or group. */
export function unavailableField() {
  return z.record(z.string(), z.enum(UNAVAILABLE_REASONS)).optional().meta({
    title: 'Unavailable',
    description:
      'Readings that are null in this message, by dotted path, with the reason. Absent when all are there.',
  })
}

/** The published form of a sample's schema, derived from the one that checks it, so that both agree. */
export function toPublishedSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: 'draft-2020-12' }) as JsonSchema
}

/** Rounds to a fixed number of decimals; more would be noise and cost bytes in every message. */
export function round(value: number, decimals: number): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}
