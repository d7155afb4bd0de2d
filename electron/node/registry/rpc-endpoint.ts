import { z } from 'zod'
import type { StateAnswer } from '../ports.ts'
import { encodeHeader, statedHeaderSchema } from './block-header.ts'
import type { RawLog } from './registry-contracts.ts'

/** A node that has not answered by then is treated as down. */
const REQUEST_TIMEOUT_MS = 15_000
/** Largest answer that is read: ten thousand logs with metadata of common size are some megabytes. */
const MAX_RESPONSE_BYTES = 32 * 1_048_576
/** Most logs of one answer; for more, a shorter range of blocks is asked for. */
const MAX_LOGS_PER_ANSWER = 20_000

/** Slots asked for at once, nodes on the way to one, and hex digits of a node: a branch has at most 17 hashes. */
const MAX_SLOTS_PER_PROOF = 4
const MAX_PROOF_NODES = 65
const MAX_NODE_CHARS = 2_050

/** JSON-RPC's code for a call that the contract reverted (geth, anvil, Erigon, Nethermind). */
const REVERTED = 3

/** The endpoint could not be reached, took too long, or answered something that is no JSON-RPC. */
export class RpcTransportError extends Error {
  override readonly name = 'RpcTransportError'
}

/** The endpoint answered with an error: it is there, and refuses this request. */
export class RpcRefusedError extends Error {
  override readonly name = 'RpcRefusedError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message.slice(0, 300))
    this.code = code
  }

  /** A contract refused, not the endpoint. */
  get isRevert(): boolean {
    return this.code === REVERTED || /revert/i.test(this.message)
  }
}

export interface BlockHeader {
  number: number
  hash: string
  /** Seconds since the epoch. */
  timestamp: number
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,13}$/)
  .transform((text) => Number.parseInt(text, 16))
const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase())
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase())

const blockSchema = z.object({ number: quantity, hash, timestamp: quantity }).nullable()
const logSchema = z
  .object({
    address,
    topics: z.array(hash).max(4),
    data: z.string().regex(/^0x[0-9a-fA-F]*$/),
    blockNumber: quantity,
    blockHash: hash,
    logIndex: quantity,
    transactionHash: hash,
    removed: z.boolean().optional(),
  })
  .transform(({ blockNumber, transactionHash, ...log }) => ({
    ...log,
    block: blockNumber,
    transaction: transactionHash,
  }))
const nodes = z
  .array(
    z
      .string()
      .max(MAX_NODE_CHARS)
      .regex(/^0x[0-9a-fA-F]*$/),
  )
  .max(MAX_PROOF_NODES)
const stateSchema = z.object({
  accountProof: nodes,
  storageProof: z.array(z.object({ proof: nodes })).max(MAX_SLOTS_PER_PROOF),
})
const hexData = z.string().regex(/^0x[0-9a-fA-F]*$/)
const responseSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).nullish(),
})

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function tagOf(block: number | 'latest'): string {
  return block === 'latest' ? block : hex(block)
}

function withoutPrefix(text: string): string {
  return text.slice(2).toLowerCase()
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_RESPONSE_BYTES) throw new RpcTransportError('The answer is larger than 32 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** One JSON-RPC endpoint of the chain. Every answer is bounded and checked before it is believed. */
export class RpcEndpoint {
  readonly url: string
  constructor(url: string) {
    this.url = url
  }

  /** Without path and query, which may carry an API key. */
  get label(): string {
    return new URL(this.url).origin
  }

  async chainId(signal?: AbortSignal): Promise<number> {
    return this.#call('eth_chainId', [], quantity, signal)
  }

  /** `null` when the chain has no such block. */
  async block(number: number | 'latest', signal?: AbortSignal): Promise<BlockHeader | null> {
    return this.#call('eth_getBlockByNumber', [tagOf(number), false], blockSchema, signal)
  }

  /** What a contract answers at a block. @throws RpcRefusedError `isRevert` when it refuses */
  async call(to: string, data: string, block: number, signal?: AbortSignal): Promise<string> {
    return this.#call('eth_call', [{ to, data }, hex(block)], hexData, signal)
  }

  /**
   * A block's header with the nodes that lead from its state to slots of a contract.
   * @throws RpcRefusedError among others where the state of the block is kept no more, or the method is not offered
   */
  async stateProof(
    contract: string,
    slots: readonly string[],
    block: number | 'latest',
    signal?: AbortSignal,
  ): Promise<StateAnswer> {
    const header = await this.#call('eth_getBlockByNumber', [tagOf(block), false], statedHeaderSchema, signal)
    const parameters = [contract, slots, header.number]
    const { accountProof, storageProof } = await this.#call('eth_getProof', parameters, stateSchema, signal)
    if (storageProof.length !== slots.length) throw new RpcTransportError(`${this.label} proves other slots`)
    return {
      blockHash: header.hash.toLowerCase(),
      header: encodeHeader(header),
      account: accountProof.map(withoutPrefix),
      slots: storageProof.map(({ proof }) => proof.map(withoutPrefix)),
    }
  }

  /** Logs of the contracts in a range of blocks, both ends included. */
  async logs(
    query: { from: number; to: number; addresses: readonly string[]; topics: readonly string[] },
    signal?: AbortSignal,
  ): Promise<RawLog[]> {
    const filter = {
      fromBlock: hex(query.from),
      toBlock: hex(query.to),
      address: query.addresses,
      topics: [query.topics],
    }
    const logs = await this.#call('eth_getLogs', [filter], z.array(logSchema), signal)
    if (logs.length > MAX_LOGS_PER_ANSWER) {
      throw new RpcRefusedError(0, `More than ${MAX_LOGS_PER_ANSWER} logs in one answer`)
    }
    return logs.filter((log) => log.removed !== true)
  }

  async #call<T>(method: string, params: unknown[], schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    let body: z.infer<typeof responseSchema>
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        // Its address may hold a key, which is nobody else's to know.
        redirect: 'error',
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      })
      body = responseSchema.parse(JSON.parse(await readBounded(response)))
    } catch (cause) {
      signal?.throwIfAborted()
      throw new RpcTransportError(`${this.label} did not answer ${method}`, { cause })
    }
    if (body.error !== undefined && body.error !== null) {
      throw new RpcRefusedError(body.error.code, body.error.message)
    }
    const result = schema.safeParse(body.result)
    if (!result.success) throw new RpcTransportError(`${this.label} answered ${method} with something else`)
    return result.data
  }
}
