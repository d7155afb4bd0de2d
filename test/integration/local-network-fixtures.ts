import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Contract, JsonRpcProvider, Wallet } from 'ethers'
import type { LocalNetwork } from '../../electron/node/local-network/local-network.ts'
import type { Logger } from '../../electron/node/ports.ts'

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}

export const NODE_KEY = `0x${'11'.repeat(32)}`
export const NODE_ADDRESS = new Wallet(NODE_KEY).address.toLowerCase()

const REGISTRY_ABI = [
  'function createStream(string path, string metadata)',
  'function exists(string id) view returns (bool)',
  'function grantPermission(string id, address user, uint8 permission)',
  'function revokePermission(string id, address user, uint8 permission)',
  'function deleteStream(string id)',
  'event StreamCreated(string id, string metadata)',
]
/** The contract's number for the right to publish. */
export const PUBLISH = 2

/** Things to undo after the tests of a file, in the reverse order. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-net-'))
    this.add(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}

/** The stream registry as an owner of streams uses it, apart from the SDK. */
export class RegistryOwner {
  readonly address: string
  readonly #contract: Contract
  readonly #provider: JsonRpcProvider

  constructor(network: Pick<LocalNetwork, 'rpcUrl' | 'chainId' | 'contracts' | 'fundedPrivateKey'>) {
    this.#provider = new JsonRpcProvider(network.rpcUrl, network.chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
      batchMaxCount: 1,
    })
    const wallet = new Wallet(network.fundedPrivateKey, this.#provider)
    this.address = wallet.address.toLowerCase()
    this.#contract = new Contract(network.contracts.streamRegistry, REGISTRY_ABI, wallet)
  }

  rpc(method: string, ...params: unknown[]): Promise<unknown> {
    return this.#provider.send(method, params)
  }

  /** Sends a transaction and returns the number of its block. */
  async send(method: string, ...args: unknown[]): Promise<number> {
    const receipt = await (await this.#contract.getFunction(method)(...args)).wait()
    return receipt.blockNumber as number
  }

  async createStream(path: string): Promise<string> {
    await this.send('createStream', path, '{"partitions":1}')
    return `${this.address}${path}`
  }

  exists(id: string): Promise<boolean> {
    return this.#contract.getFunction('exists')(id) as Promise<boolean>
  }

  async createdStreams(): Promise<string[]> {
    const events = await this.#contract.queryFilter('StreamCreated', 0)
    return events.map((event) => ('args' in event ? String(event.args[0]) : ''))
  }

  async latestBlock(): Promise<{ number: number; timestamp: number }> {
    const block = (await this.rpc('eth_getBlockByNumber', 'latest', false)) as Record<string, string>
    return { number: Number(block.number), timestamp: Number(block.timestamp) }
  }

  close(): void {
    this.#provider.destroy()
  }
}

/** Waits until the condition holds; fails with its name when it never does. */
export async function eventually(name: string, condition: () => unknown): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await condition()) return
    await delay(50)
  }
  throw new Error(`It never came true: ${name}`)
}
