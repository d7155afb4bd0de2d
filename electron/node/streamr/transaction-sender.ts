import {
  FetchRequest,
  JsonRpcProvider,
  type TransactionReceipt,
  type TransactionRequest,
  Wallet,
} from 'ethers'
import { TidemarkError } from '../../../shared/errors.ts'
import type { TransactionCost } from '../../../shared/storage.ts'
import { toTidemarkError } from './streamr-errors.ts'

/** An endpoint that takes longer counts as not answering, and the next one is asked. */
const REQUEST_TIMEOUT_MS = 15_000
/** A transaction on a public chain may wait minutes for its block. */
const RECEIPT_TIMEOUT_MS = 300_000
const LOCAL_CHAIN_ID = 31_337
const LOCAL_POLLING_MS = 100
/** Gas beyond the estimate: what a call takes depends on the state it meets. What is not used is not paid. */
const GAS_MARGIN_PERCENT = 25n
/** Other transactions of the same account, sent from elsewhere, may take the number that was meant for this one. */
const NONCE_ATTEMPTS = 5

export interface ContractCall {
  to: string
  data: string
}

export interface TransactionSenderOptions {
  /** In the order of preference; the next is asked when one does not answer. */
  rpcUrls: readonly string[]
  chainId: number
  privateKey: string
}

/** Reads and writes contracts in the name of one account. */
export interface TransactionSender {
  readonly address: string
  /** @throws TidemarkError */
  read(call: ContractCall, signal?: AbortSignal): Promise<string>
  /** The most the calls can cost together at present prices. @throws TidemarkError */
  estimate(calls: readonly ContractCall[], signal?: AbortSignal): Promise<TransactionCost>
  /** Sends the call and resolves when it is in a block. @throws TidemarkError */
  send(call: ContractCall, signal?: AbortSignal): Promise<void>
}

export function createTransactionSender(options: TransactionSenderOptions): TransactionSender {
  return new AccountSender(options)
}

class AccountSender implements TransactionSender {
  readonly address: string
  readonly #options: TransactionSenderOptions
  readonly #wallet: Wallet

  constructor(options: TransactionSenderOptions) {
    this.#options = options
    this.#wallet = new Wallet(options.privateKey)
    this.address = this.#wallet.address.toLowerCase()
  }

  read({ to, data }: ContractCall, signal?: AbortSignal): Promise<string> {
    return this.#ask((provider) => provider.call({ to, data, from: this.address }), signal)
  }

  estimate(calls: readonly ContractCall[], signal?: AbortSignal): Promise<TransactionCost> {
    return this.#ask(async (provider) => {
      const [gas, price, balance] = await Promise.all([
        Promise.all(calls.map((call) => this.#gasOf(provider, call))),
        priceOf(provider),
        provider.getBalance(this.address),
      ])
      const gasUnits = gas.reduce((sum, units) => sum + units, 0n)
      return {
        gasUnits: Number(gasUnits),
        feeWei: (gasUnits * price.perGas).toString(),
        balanceWei: balance.toString(),
      }
    }, signal)
  }

  async send(call: ContractCall, signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const signed = await this.#ask(async (provider) => {
        const { fees } = await priceOf(provider)
        const request: TransactionRequest = {
          ...call,
          ...fees,
          chainId: this.#options.chainId,
          nonce: await provider.getTransactionCount(this.address, 'pending'),
          gasLimit: await this.#gasOf(provider, call),
        }
        return this.#wallet.signTransaction(request)
      }, signal)
      try {
        // Signed once: an endpoint that has it already, or a second one, makes no second transaction of it.
        return await this.#ask((provider) => broadcast(provider, signed), signal)
      } catch (error) {
        if (attempt === NONCE_ATTEMPTS || !isNonceTaken(error)) throw error
      }
    }
  }

  async #gasOf(provider: JsonRpcProvider, call: ContractCall): Promise<bigint> {
    const gas = await provider.estimateGas({ ...call, from: this.address })
    return gas + (gas * GAS_MARGIN_PERCENT) / 100n
  }

  /** Asks one endpoint after the other until one answers; what it answers, errors included, is final. */
  async #ask<T>(question: (provider: JsonRpcProvider) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let failure: unknown
    for (const url of this.#options.rpcUrls) {
      signal?.throwIfAborted()
      const provider = this.#connect(url)
      try {
        return await question(provider)
      } catch (error) {
        failure = toTidemarkError(error)
        if (!(failure instanceof TidemarkError) || failure.code !== 'rpc-unreachable') throw failure
      } finally {
        provider.destroy()
      }
    }
    throw failure
  }

  #connect(url: string): JsonRpcProvider {
    const request = new FetchRequest(url)
    request.timeout = REQUEST_TIMEOUT_MS
    const { chainId } = this.#options
    const provider = new JsonRpcProvider(request, chainId, { staticNetwork: true })
    if (chainId === LOCAL_CHAIN_ID) provider.pollingInterval = LOCAL_POLLING_MS
    return provider
  }
}

interface GasPrice {
  perGas: bigint
  fees: Pick<TransactionRequest, 'type' | 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>
}

async function priceOf(provider: JsonRpcProvider): Promise<GasPrice> {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData()
  if (maxFeePerGas !== null && maxPriorityFeePerGas !== null) {
    return { perGas: maxFeePerGas, fees: { type: 2, maxFeePerGas, maxPriorityFeePerGas } }
  }
  return { perGas: gasPrice ?? 0n, fees: { type: 0, gasPrice } }
}

async function broadcast(provider: JsonRpcProvider, signed: string): Promise<void> {
  const { hash } = await provider.broadcastTransaction(signed)
  const receipt: TransactionReceipt | null = await provider.waitForTransaction(hash, 1, RECEIPT_TIMEOUT_MS)
  if (receipt?.status === 1) return
  throw new TidemarkError(
    'chain-unavailable',
    'The chain took the transaction and did not carry it out.',
    'Look at it in a block explorer before you try again; the fee was paid.',
  )
}

function isNonceTaken(error: unknown): boolean {
  const cause = error instanceof TidemarkError ? error.cause : error
  const code = (cause as { code?: unknown } | undefined)?.code
  return code === 'NONCE_EXPIRED' || code === 'REPLACEMENT_UNDERPRICED'
}
