/** Answers of Solana's JSON-RPC, as far as they are used. Lamports beyond 2^53 lose their last digits, as JSON has it. */
import { z } from 'zod'
import { MAX_TEXT_LENGTH } from './limits.ts'

const whole = z.number().int().min(0)

export const versionSchema = z.object({
  'solana-core': z.string().transform((text) => text.slice(0, MAX_TEXT_LENGTH)),
})

export const epochSchema = z.object({
  absoluteSlot: whole,
  blockHeight: whole,
  epoch: whole,
  slotIndex: whole,
  slotsInEpoch: whole.min(1),
})

export const balanceSchema = z.object({ value: z.number().min(0) })

const voteAccountSchema = z.object({
  votePubkey: z.string().max(64),
  lastVote: whole,
  rootSlot: whole,
  activatedStake: z.number().min(0),
  /** Epoch, credits at its end, credits before it. */
  epochCredits: z.array(z.tuple([whole, whole, whole])).max(1_024),
})
export const voteAccountsSchema = z.object({
  current: z.array(voteAccountSchema).max(10_000),
  delinquent: z.array(voteAccountSchema).max(10_000),
})

/** What `getHealth` says with its error when the node knows how far it is behind. */
export const behindSchema = z.object({ numSlotsBehind: whole.nullable() })

export type VoteAccount = z.infer<typeof voteAccountSchema>
export type Epoch = z.infer<typeof epochSchema>
