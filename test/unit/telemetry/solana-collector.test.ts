import { afterEach, describe, expect, it } from 'vitest'
import { createSolanaCollector } from '../../../electron/node/telemetry/solana-collector.ts'
import { solanaSampleSchema } from '../../../electron/node/telemetry/solana-schema.ts'
import { closeEndpoints, rpcEndpoint } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

afterEach(closeEndpoints)

const VOTE = '3ZT31jkAGhUaw8jsy4bTknwBMP8i4Eueh52By4zXcsVw'
const NODE = 'B97CCUW3AEZFGy6uUg6zUdnNYvnVq5VG8PUtb2HayTDD'

/** The answers of Solana's RPC documentation, with the parts that are not read. */
const voteAccount = (over: object = {}) => ({
  votePubkey: VOTE,
  nodePubkey: NODE,
  activatedStake: 42_500_000_000,
  epochVoteAccount: true,
  commission: 0,
  lastVote: 166_598,
  rootSlot: 166_560,
  epochCredits: [
    [1, 64, 0],
    [27, 192, 64],
  ],
  ...over,
})
const answers = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  getHealth: 'ok',
  getVersion: { 'feature-set': 2_891_131_721, 'solana-core': '1.16.7' },
  getEpochInfo: {
    absoluteSlot: 166_600,
    blockHeight: 166_500,
    epoch: 27,
    slotIndex: 2_790,
    slotsInEpoch: 8_192,
    transactionCount: 22_661_093,
  },
  getVoteAccounts: { current: [voteAccount()], delinquent: [] },
  getBalance: { context: { apiVersion: '1.16.7', slot: 1 }, value: 1_234_567_890 },
  ...over,
})

const collectorOf = async (table: Record<string, unknown>) =>
  createSolanaCollector({
    url: await rpcEndpoint(({ method }) => {
      const answer = table[method]
      if (typeof answer === 'function') throw answer()
      return answer
    }),
    vote: VOTE,
    identity: NODE,
    logger: createQuietLogger(),
  })

describe('the collector of a Solana node', () => {
  it('tells health, slot, vote lag, stake and balance', async () => {
    const sample = await (await collectorOf(answers())).sample()
    expect(solanaSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({
      health: 'ok',
      behind: 0,
      version: '1.16.7',
      slot: 166_600,
      block: { height: 166_500 },
      epoch: { number: 27, progress: 34.06 },
      vote: { lag: 2, rootLag: 40, delinquent: false, stake: 42.5, credits: 128 },
      balance: 1.23456789,
    })
    expect(sample.unavailable).toBeUndefined()
  })

  it('says how far a node is behind, and that one which does not know is unhealthy', async () => {
    const behind = () => ({
      code: -32005,
      message: 'Node is behind by 42 slots',
      data: { numSlotsBehind: 42 },
    })
    expect(await (await collectorOf(answers({ getHealth: behind }))).sample()).toMatchObject({
      health: 'behind',
      behind: 42,
    })
    const unhealthy = () => ({ code: -32005, message: 'Node is unhealthy', data: { numSlotsBehind: null } })
    expect(await (await collectorOf(answers({ getHealth: unhealthy }))).sample()).toMatchObject({
      health: 'unhealthy',
      behind: null,
      unavailable: { behind: 'absent' },
    })
  })

  it('tells a delinquent validator from one that nobody knows', async () => {
    const fallen = { current: [], delinquent: [voteAccount({ lastVote: 166_000 })] }
    expect((await (await collectorOf(answers({ getVoteAccounts: fallen }))).sample()).vote).toMatchObject({
      delinquent: true,
      lag: 600,
    })
    const nobody = { current: [voteAccount({ votePubkey: NODE })], delinquent: [] }
    const sample = await (await collectorOf(answers({ getVoteAccounts: nobody }))).sample()
    expect(sample.vote).toEqual({ lag: null, rootLag: null, delinquent: null, stake: null, credits: null })
    expect(sample.unavailable).toEqual({ vote: 'absent' })
  })

  it('a lag is null, never zero, when the slot is not known', async () => {
    const sample = await (await collectorOf(answers({ getEpochInfo: { absoluteSlot: '166600' } }))).sample()
    expect(solanaSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({
      slot: null,
      block: { height: null },
      vote: { lag: null, delinquent: false },
    })
    expect(sample.unavailable).toMatchObject({
      slot: 'wrong-shape',
      'vote.lag': 'wrong-shape',
      block: 'wrong-shape',
    })
  })

  it('a lag is never below zero when the vote is newer than the slot told a moment before', async () => {
    const ahead = { current: [voteAccount({ lastVote: 166_700 })], delinquent: [] }
    expect((await (await collectorOf(answers({ getVoteAccounts: ahead }))).sample()).vote?.lag).toBe(0)
  })
})
