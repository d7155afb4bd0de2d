import { z } from 'zod'
import { flag, quantity, toPublishedSchema, unavailableField, word } from './schema.ts'

export const cometbftSampleSchema = z
  .strictObject({
    health: word('Health', '`ok`, or `catching-up` while the node follows the chain from behind.'),
    version: word('Version', 'Of CometBFT, by the node’s own word.'),
    network: word('Chain id', 'The chain the node says it is on.'),
    block: z.strictObject({
      height: quantity('1', 'Height', 'Number of the newest block.'),
      time: quantity('s', 'Block time', 'Of the newest block, by its own word: seconds since the epoch.'),
      age: quantity('s', 'Age of the newest block', 'By the clock of the publishing machine.'),
    }),
    catchingUp: flag('Catching up', 'Whether the node still fetches blocks the chain already has.'),
    peers: quantity('1', 'Peers', 'Nodes the endpoint is connected to.'),
    validator: z
      .strictObject({
        votingPower: quantity('1', 'Voting power', 'Of the validator; 0 when it is not in the active set.'),
        checked: quantity('1', 'Commits looked at', 'Since this publisher started: only grows.'),
        missed: quantity(
          '1',
          'Blocks missed',
          'Commits without the validator’s signature, of those looked at.',
        ),
        missedInRow: quantity('1', 'Blocks missed in a row', 'Up to the newest commit looked at.'),
        skipped: quantity('1', 'Commits not looked at', 'Heights that came faster than they could be read.'),
      })
      .optional(),
    latency: quantity('ms', 'Latency', 'How long the endpoint took to tell its status.'),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'CometBFT node telemetry',
    description:
      'A CometBFT node as seen through its RPC, and the signatures of one validator. A reading that could not be had is null.',
  })

export type CometbftSample = z.infer<typeof cometbftSampleSchema>

export const COMETBFT_SCHEMA = toPublishedSchema(cometbftSampleSchema)
