/** Answers of CometBFT's RPC (OpenAPI document of v0.38), as far as they are used; 64-bit numbers come as text. */
import { z } from 'zod'
import { MAX_TEXT_LENGTH } from './limits.ts'

const decimal = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .refine(Number.isSafeInteger)
const shortText = z.string().transform((text) => text.slice(0, MAX_TEXT_LENGTH))
/** Upper-case hex; a validator that did not sign has none. */
const address = z.string().max(64)

export const statusSchema = z.object({
  node_info: z.object({ network: shortText, version: shortText }),
  sync_info: z.object({
    latest_block_height: decimal,
    latest_block_time: z
      .string()
      .max(64)
      .transform((text) => Date.parse(text))
      .refine(Number.isFinite),
    catching_up: z.boolean(),
  }),
  validator_info: z.object({ address, voting_power: decimal }),
})

export const netInfoSchema = z.object({ n_peers: decimal })

/** `block_id_flag`: 1 absent, 2 for the block, 3 for nil. Anything but 2 is no signature of the block. */
export const commitSchema = z.object({
  signed_header: z.object({
    commit: z.object({
      height: decimal,
      signatures: z.array(z.object({ block_id_flag: z.number(), validator_address: address })).max(10_000),
    }),
  }),
})

export const validatorsSchema = z.object({
  total: decimal,
  validators: z.array(z.object({ address, voting_power: decimal })).max(1_000),
})

export type Status = z.infer<typeof statusSchema>
