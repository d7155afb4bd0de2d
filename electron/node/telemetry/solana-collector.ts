import { z } from 'zod'
import type { Logger } from '../ports.ts'
import { type Collector, Unavailable } from './collector.ts'
import { assertHttpAddress } from './endpoint-address.ts'
import { createJsonRpc, type JsonRpc, RpcError } from './json-rpc.ts'
import { ENDPOINT_DEADLINE_MS, MAX_RPC_ANSWER_BYTES, VERSION_EVERY_MS } from './limits.ts'
import { atMostEvery, createReadings } from './readings.ts'
import { round } from './schema.ts'
import {
  balanceSchema,
  behindSchema,
  type Epoch,
  epochSchema,
  type VoteAccount,
  versionSchema,
  voteAccountsSchema,
} from './solana-answers.ts'
import { SOLANA_SCHEMA, type SolanaSample } from './solana-schema.ts'

const LAMPORTS_PER_SOL = 1e9
/** The code of "Node is behind by N slots" and "Node is unhealthy". */
const NODE_UNHEALTHY = -32005
const CONFIRMED = { commitment: 'confirmed' }

export interface SolanaCollectorOptions {
  /** `http` or `https` address of the RPC. May hold a key: it is never logged or published. */
  url: string
  /** Vote account of the validator to watch. */
  vote?: string | undefined
  /** Account whose balance is told. */
  identity?: string | undefined
  logger: Logger
  /** Deadline of one answer, ms. Default 3,000. */
  deadlineMs?: number
}

/**
 * Watches a Solana node, the votes of a validator and the balance that pays for them.
 * @throws TidemarkError `invalid-input` when the address is not http or https.
 */
export function createSolanaCollector(options: SolanaCollectorOptions): Collector<SolanaSample> {
  assertHttpAddress(options.url, 'the node’s RPC')
  return new SolanaCollector(options)
}

class SolanaCollector implements Collector<SolanaSample> {
  readonly name = 'solana'
  readonly schema = SOLANA_SCHEMA
  readonly #rpc: JsonRpc
  readonly #options: SolanaCollectorOptions
  readonly #version: (signal?: AbortSignal) => Promise<string>

  constructor(options: SolanaCollectorOptions) {
    const { url, deadlineMs = ENDPOINT_DEADLINE_MS } = options
    this.#options = options
    this.#rpc = createJsonRpc({ url, deadlineMs, maxAnswerBytes: MAX_RPC_ANSWER_BYTES })
    this.#version = atMostEvery(VERSION_EVERY_MS, async (signal) => {
      return (await this.#rpc.call('getVersion', [], versionSchema, signal))['solana-core']
    })
  }

  async sample(signal?: AbortSignal): Promise<SolanaSample> {
    const { vote, identity, logger } = this.#options
    const readings = createReadings(logger, signal)
    const [health, version, answer, account, balance] = await Promise.all([
      readings.orNull('health', this.#health(signal)),
      readings.orNull('version', this.#version(signal)),
      readings.orNull('slot', this.#epoch(signal)),
      vote === undefined ? undefined : readings.orNull('vote', this.#voteAccount(vote, signal)),
      identity === undefined ? undefined : readings.orNull('balance', this.#balance(identity, signal)),
    ])
    const behind = health?.behind ?? null
    if (behind === null) readings.missing('behind', readings.reason('health') ?? 'absent')
    if (answer === null) {
      const reason = readings.reason('slot') ?? 'failed'
      for (const path of ['block', 'epoch', 'latency']) readings.missing(path, reason)
      if (account) for (const path of ['vote.lag', 'vote.rootLag']) readings.missing(path, reason)
    }
    const epoch = answer?.epoch
    return {
      health: health?.state ?? null,
      behind,
      version,
      slot: epoch?.absoluteSlot ?? null,
      block: { height: epoch?.blockHeight ?? null },
      epoch: {
        number: epoch?.epoch ?? null,
        progress: epoch === undefined ? null : round((100 * epoch.slotIndex) / epoch.slotsInEpoch, 2),
      },
      ...(account === undefined ? {} : { vote: account === null ? NO_VOTE : describeVote(account, epoch) }),
      ...(balance === undefined ? {} : { balance }),
      latency: answer?.latencyMs ?? null,
      ...readings.note(),
    }
  }

  async close(): Promise<void> {
    // Connections belong to the runtime's pool; nothing else is held.
  }

  async #health(signal: AbortSignal | undefined): Promise<{ state: string; behind: number | null }> {
    try {
      await this.#rpc.call('getHealth', [], z.literal('ok'), signal)
      return { state: 'ok', behind: 0 }
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== NODE_UNHEALTHY) throw error
      const behind = behindSchema.safeParse(error.data)
      const slots = behind.success ? behind.data.numSlotsBehind : null
      return { state: slots === null ? 'unhealthy' : 'behind', behind: slots }
    }
  }

  async #epoch(signal: AbortSignal | undefined): Promise<{ epoch: Epoch; latencyMs: number }> {
    const startedAt = performance.now()
    const epoch = await this.#rpc.call('getEpochInfo', [CONFIRMED], epochSchema, signal)
    return { epoch, latencyMs: round(performance.now() - startedAt, 1) }
  }

  async #voteAccount(
    vote: string,
    signal: AbortSignal | undefined,
  ): Promise<VoteAccount & { delinquent: boolean }> {
    // Without the last setting a validator without stake is left out when it does not vote.
    const parameters = [{ ...CONFIRMED, votePubkey: vote, keepUnstakedDelinquents: true }]
    const { current, delinquent } = await this.#rpc.call(
      'getVoteAccounts',
      parameters,
      voteAccountsSchema,
      signal,
    )
    const isWanted = ({ votePubkey }: VoteAccount): boolean => votePubkey === vote
    const voting = current.find(isWanted)
    if (voting !== undefined) return { ...voting, delinquent: false }
    const fallen = delinquent.find(isWanted)
    if (fallen !== undefined) return { ...fallen, delinquent: true }
    throw new Unavailable('absent')
  }

  async #balance(identity: string, signal: AbortSignal | undefined): Promise<number> {
    const { value } = await this.#rpc.call('getBalance', [identity, CONFIRMED], balanceSchema, signal)
    return round(value / LAMPORTS_PER_SOL, 9)
  }
}

const NO_VOTE = { lag: null, rootLag: null, delinquent: null, stake: null, credits: null }

function describeVote(
  account: VoteAccount & { delinquent: boolean },
  epoch: Epoch | undefined,
): NonNullable<SolanaSample['vote']> {
  // The vote may be newer than the slot that was told a moment before.
  const lagTo = (slot: number): number | null =>
    epoch === undefined ? null : Math.max(0, epoch.absoluteSlot - slot)
  const newest = account.epochCredits.at(-1)
  return {
    lag: lagTo(account.lastVote),
    rootLag: lagTo(account.rootSlot),
    delinquent: account.delinquent,
    stake: round(account.activatedStake / LAMPORTS_PER_SOL, 9),
    credits: newest === undefined ? 0 : Math.max(0, newest[1] - newest[2]),
  }
}
