import { z } from 'zod'
import { flag, quantity, toPublishedSchema, unavailableField, word } from './schema.ts'

export const chainSampleSchema = z
  .strictObject({
    block: z.strictObject({
      height: quantity('1', 'Height', 'Number of the newest block.'),
      time: quantity(
        's',
        'Block time',
        'When the newest block was made, by its own word: seconds since the epoch.',
      ),
      age: quantity(
        's',
        'Age of the newest block',
        'By the clock of the publishing machine; below zero when its clock is behind.',
      ),
      interval: quantity(
        's',
        'Block interval',
        'Mean time between the blocks that came since the height last changed.',
      ),
      transactions: quantity('1', 'Transactions', 'In the newest block.'),
      gasUsed: quantity('gas', 'Gas used', 'By the newest block.'),
      gasLimit: quantity('gas', 'Gas limit', 'Of the newest block.'),
      baseFee: quantity(
        'gwei',
        'Base fee',
        'Of the newest block, for one unit of gas. Not there before EIP-1559.',
      ),
    }),
    pending: quantity('1', 'Pending transactions', 'Known to the endpoint and in no block yet.'),
    peers: quantity('1', 'Peers', 'Nodes the endpoint is connected to.'),
    syncing: flag('Syncing', 'Whether the endpoint says it is still catching up with its chain.'),
    version: word('Version', 'What the endpoint runs, by its own word.'),
    latency: quantity('ms', 'Latency', 'How long the endpoint took to answer for the newest block.'),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'EVM chain telemetry',
    description:
      'An EVM chain as seen through one JSON-RPC endpoint. A reading that could not be had is null.',
  })

export type ChainSample = z.infer<typeof chainSampleSchema>

/** Stored in the metadata of the chain's stream. */
export const CHAIN_SCHEMA = toPublishedSchema(chainSampleSchema)
