import { setTimeout as wait } from 'node:timers/promises'
import { formatEther } from 'ethers'
import { TidemarkError } from '../../shared/errors.ts'
import type { Logger } from '../node/ports.ts'
import type { NewStream, StreamCreator } from '../node/streamr/stream-creator.ts'
import type { AgentConfig } from './agent-config.ts'

/** Pauses before a chain that does not answer is asked again. */
const RETRY_DELAYS_MS = [500, 2_000, 10_000, 60_000]
const MAY_PASS = new Set(['rpc-unreachable', 'timeout', 'not-running'])

export interface EnsureStreamOptions {
  creator: StreamCreator
  config: AgentConfig['stream']
  address: string
  /** JSON Schema of what will be published. */
  schema: Record<string, unknown>
  /** Whether this account may publish on the stream. */
  mayPublish: (streamId: string) => Promise<boolean>
  /** Asked before anything is paid for; the question names the cost. */
  confirm: (question: string) => Promise<boolean>
  /** The stream was made just now. */
  onMade: () => void
  logger: Logger
  signal: AbortSignal
}

/** A path alone stands behind the agent's own address. */
export function streamIdOf(id: string, address: string): string {
  return id.startsWith('/')
    ? `${address}${id}`
    : id.replace(/^0x[0-9a-fA-F]{40}/, (owner) => owner.toLowerCase())
}

/**
 * Sees to it that the stream is there and may be published to; makes it, when it is the agent's own and somebody
 * agrees to the cost. While the chain cannot be reached it waits.
 * @throws TidemarkError `stream-not-found`, `stream-no-permission`, `chain-unavailable`, `aborted`
 */
export async function ensureStream(options: EnsureStreamOptions): Promise<void> {
  const { logger, signal } = options
  for (let attempt = 0; ; attempt++) {
    try {
      return await ensureOnce(options)
    } catch (error) {
      if (!(error instanceof TidemarkError) || !MAY_PASS.has(error.code)) throw error
      if (attempt === 0)
        logger.warn({ error }, 'the stream cannot be looked up now; measuring goes on meanwhile')
      await wait(RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)], undefined, { signal })
    }
  }
}

async function ensureOnce(options: EnsureStreamOptions): Promise<void> {
  const { creator, config, address, mayPublish, signal } = options
  const streamId = streamIdOf(config.id, address)
  if (!(await creator.exists(streamId, signal))) return create(options, streamId)
  if (await mayPublish(streamId)) return
  throw new TidemarkError(
    'stream-no-permission',
    `This agent, ${address}, may not publish on ${streamId}.`,
    'Ask the owner of the stream to grant it to this address, then start the agent again.',
  )
}

async function create(options: EnsureStreamOptions, streamId: string): Promise<void> {
  const { creator, config, address, schema, confirm, logger, signal } = options
  if (!streamId.startsWith(`${address}/`)) {
    throw new TidemarkError(
      'stream-not-found',
      `There is no stream ${streamId}, and only its owner can make it.`,
      `Check the id, or give a path of this agent’s own, which begins with /; its address is ${address}.`,
    )
  }
  const stream: NewStream = {
    path: streamId.slice(address.length),
    metadata: { description: config.description, partitions: config.partition + 1, schema },
    publishers: config.publishers,
    isPublic: config.public,
  }
  const { feeWei, balanceWei } = await creator.estimate(stream, signal)
  const cost = `The stream ${streamId} is not there yet. Making it costs at most ${formatEther(feeWei)} of the chain’s currency; ${address} has ${formatEther(balanceWei)}.`
  if (BigInt(balanceWei) < BigInt(feeWei)) {
    throw new TidemarkError(
      'chain-unavailable',
      cost,
      'Send gas to this address, then start the agent again.',
    )
  }
  if (!(await confirm(cost))) {
    throw new TidemarkError(
      'aborted',
      `${cost} Nobody agreed to that, so nothing was done.`,
      'Start the agent once with --yes, or in a terminal, to have the stream made.',
    )
  }
  const made = await creator.create(stream, signal)
  logger.info({ streamId: made }, 'made the stream')
  options.onMade()
}
