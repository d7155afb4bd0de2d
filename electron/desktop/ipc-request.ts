import { z } from 'zod'
import { type BridgeRequest, MAX_ENVELOPE_LENGTH } from '../../shared/desktop-bridge.ts'

/** Longest operation id and procedure path; ours are below 40. */
const MAX_NAME_LENGTH = 128

const id = z.string().min(1).max(MAX_NAME_LENGTH)

const schema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['query', 'mutation', 'subscribe']),
    id,
    path: z
      .string()
      .max(MAX_NAME_LENGTH)
      .regex(/^\w+(\.\w+)*$/),
    input: z.unknown().optional(),
  }),
  z.strictObject({ kind: z.enum(['next', 'cancel']), id }),
])

/**
 * Reads an envelope from the window. The length is bounded before anything is parsed.
 * @throws RangeError naming what is wrong, without repeating the content.
 */
export function readBridgeRequest(envelope: unknown): BridgeRequest {
  if (typeof envelope !== 'string') throw new RangeError('The envelope is not text.')
  if (envelope.length > MAX_ENVELOPE_LENGTH) {
    throw new RangeError(`The envelope is longer than ${MAX_ENVELOPE_LENGTH} characters.`)
  }
  let value: unknown
  try {
    value = JSON.parse(envelope)
  } catch {
    throw new RangeError('The envelope is not JSON.')
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new RangeError('The envelope has not the shape of a request.')
  return parsed.data
}
