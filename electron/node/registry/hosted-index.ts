import { z } from 'zod'
import type { Clock, Logger } from '../ports.ts'
import {
  HOSTED_COOL_DOWN_MS,
  HOSTED_DEADLINE_MS,
  HOSTED_META_INTERVAL_MS,
  MAX_HOSTED_ANSWER_BYTES,
  MAX_HOSTED_LAG_BLOCKS,
} from './limits.ts'

export interface HostedIndexOptions {
  url: string
  /** Newest block of the chain as far as known: an index far behind it is not asked. */
  chainBlock: () => number | null
  clock: Clock
  logger: Logger
}

/** How the hosted index is doing, in words where it is not asked. */
export interface HostedIndexHealth {
  url: string
  ok: boolean
  problem: string | null
}

/**
 * An index of the registry that somebody else keeps, in the form of The Graph. It is asked first where there is one
 * and not believed in anything a verdict rests on; when it is down, slow, broken or behind, the node’s own answers.
 */
export interface HostedIndex {
  /** The answer to a GraphQL request body as it came; undefined when it cannot be had. */
  forward(body: string, signal?: AbortSignal): Promise<string | undefined>
  /** The data of a question, checked; undefined when it cannot be had. */
  ask<T>(query: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T | undefined>
  health(): HostedIndexHealth
}

const answerSchema = z.object({ data: z.unknown(), errors: z.array(z.unknown()).max(0).optional() })
const metaSchema = z.object({
  data: z.object({
    _meta: z.object({ block: z.object({ number: z.int() }), hasIndexingErrors: z.boolean() }),
  }),
})
const META_BODY = JSON.stringify({ query: '{ _meta { block { number } hasIndexingErrors } }' })

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_HOSTED_ANSWER_BYTES) throw new RangeError('its answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

class GraphEndpoint implements HostedIndex {
  readonly #options: HostedIndexOptions
  #problem: string | null = null
  #leftAloneUntil = 0
  #checkedAt = Number.NEGATIVE_INFINITY

  constructor(options: HostedIndexOptions) {
    this.#options = options
  }

  async forward(body: string, signal?: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#options
    if (clock.now() < this.#leftAloneUntil) return undefined
    try {
      await this.#checkProgress(signal)
      const text = await this.#post(body, signal)
      answerSchema.parse(JSON.parse(text))
      this.#problem = null
      return text
    } catch (error) {
      signal?.throwIfAborted()
      this.#leave(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  async ask<T>(query: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T | undefined> {
    const text = await this.forward(JSON.stringify({ query }), signal)
    if (text === undefined) return undefined
    const { data } = answerSchema.parse(JSON.parse(text))
    const parsed = schema.safeParse(data)
    if (!parsed.success) this.#leave('it answers in another form than asked for')
    return parsed.data
  }

  health(): HostedIndexHealth {
    // The path carries a key.
    return { url: new URL(this.#options.url).origin, ok: this.#problem === null, problem: this.#problem }
  }

  async #checkProgress(signal: AbortSignal | undefined): Promise<void> {
    const { clock, chainBlock } = this.#options
    if (clock.now() - this.#checkedAt < HOSTED_META_INTERVAL_MS) return
    const { block, hasIndexingErrors } = metaSchema.parse(JSON.parse(await this.#post(META_BODY, signal)))
      .data._meta
    if (hasIndexingErrors) throw new Error('it has errors of its own')
    const behind = (chainBlock() ?? 0) - block.number
    if (behind > MAX_HOSTED_LAG_BLOCKS) throw new Error(`it is ${behind} blocks behind the chain`)
    this.#checkedAt = clock.now()
  }

  async #post(body: string, signal: AbortSignal | undefined): Promise<string> {
    const deadline = AbortSignal.timeout(HOSTED_DEADLINE_MS)
    const response = await fetch(this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    })
    if (!response.ok) throw new Error(`it answers with status ${response.status}`)
    return readBounded(response)
  }

  #leave(problem: string): void {
    const { clock, logger } = this.#options
    if (this.#problem === null) logger.warn({ problem }, 'the hosted index is left alone for a while')
    this.#problem = problem.slice(0, 200)
    this.#leftAloneUntil = clock.now() + HOSTED_COOL_DOWN_MS
    this.#checkedAt = Number.NEGATIVE_INFINITY
  }
}

/** Nothing is asked before it is used. */
export function createHostedIndex(options: HostedIndexOptions): HostedIndex {
  return new GraphEndpoint(options)
}
