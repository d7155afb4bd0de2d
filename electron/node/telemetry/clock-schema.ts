import { z } from 'zod'
import { quantity, toPublishedSchema, unavailableField, word } from './schema.ts'

export const clockSampleSchema = z
  .strictObject({
    method: z.enum(['sntp', 'http-date']).meta({
      title: 'Method',
      description: 'How the other clock was read: RFC 4330, or the Date of an HTTP answer.',
    }),
    offset: quantity(
      'ms',
      'Clock offset',
      'What must be added to this machine’s clock to agree with the other.',
    ),
    uncertainty: quantity(
      'ms',
      'Uncertainty',
      'The offset may be off by this much, for the way the clock was read.',
    ),
    roundTrip: quantity('ms', 'Round trip', 'From the question to the answer.'),
    stratum: quantity('1', 'Stratum', 'Steps between the server and a reference clock; SNTP alone tells it.'),
    health: word('Health', '`ok`, or `off` when the offset is beyond a second for sure.'),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'Clock telemetry',
    description:
      'How far the clock of the publishing machine is off. A reading that could not be had is null.',
  })

export type ClockSample = z.infer<typeof clockSampleSchema>

export const CLOCK_SCHEMA = toPublishedSchema(clockSampleSchema)
