import { z } from 'zod'
import { flag, quantity, toPublishedSchema, unavailableField, word } from './schema.ts'

export const solanaSampleSchema = z
  .strictObject({
    health: word('Health', '`ok`, `behind`, or `unhealthy`, by the node’s own word.'),
    behind: quantity('1', 'Slots behind', 'How far the node says it is behind its cluster; 0 when healthy.'),
    version: word('Version', 'Of the validator software, by the node’s own word.'),
    slot: quantity('1', 'Slot', 'The newest confirmed slot the node knows.'),
    block: z.strictObject({ height: quantity('1', 'Height', 'Blocks below the newest confirmed one.') }),
    epoch: z.strictObject({
      number: quantity('1', 'Epoch', 'Number of the current epoch.'),
      progress: quantity('%', 'Epoch done', 'Share of the epoch’s slots that are past.'),
    }),
    vote: z
      .strictObject({
        lag: quantity('1', 'Vote lag', 'Slots between the newest one and the validator’s last vote.'),
        rootLag: quantity('1', 'Root lag', 'Slots between the newest one and the validator’s root.'),
        delinquent: flag('Delinquent', 'Whether the cluster counts the validator as not voting.'),
        stake: quantity('SOL', 'Active stake', 'Delegated to the vote account in this epoch.'),
        credits: quantity('1', 'Vote credits', 'Earned in this epoch so far: grows until the epoch ends.'),
      })
      .optional(),
    balance: quantity('SOL', 'Balance', 'Of the account that pays for votes.').optional(),
    latency: quantity('ms', 'Latency', 'How long the endpoint took to tell its epoch and slot.'),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'Solana node telemetry',
    description:
      'A Solana node as seen through its RPC, and the votes of one validator. A reading that could not be had is null.',
  })

export type SolanaSample = z.infer<typeof solanaSampleSchema>

export const SOLANA_SCHEMA = toPublishedSchema(solanaSampleSchema)
