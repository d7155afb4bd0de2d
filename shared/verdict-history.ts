import { z } from 'zod'
import { messageIdInput } from './inputs.ts'
import { VERDICT_REASONS, VERDICTS } from './verdict.ts'

const standing = z.object({ verdict: z.enum(VERDICTS), reason: z.enum(VERDICT_REASONS) })

/** A verdict that became another, with what the new one rests on. */
export const verdictChangeSchema = z.object({
  /** When it was decided again, ms since the epoch. */
  at: z.number().min(0),
  id: messageIdInput,
  /** Lower-case hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  from: standing,
  to: standing,
  /** The registry's event that the new verdict rests on; null where it rests on the signature, or nothing is known. */
  because: z
    .object({ block: z.number(), blockTimestamp: z.number(), transaction: z.string().max(80) })
    .nullable(),
})
export type VerdictChange = z.infer<typeof verdictChangeSchema>
