import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Interface, id as keccakOfText, zeroPadValue } from 'ethers'
import type { RegistryAddresses } from '../../../electron/node/registry/registry-contracts.ts'

export const CONTRACTS: RegistryAddresses = {
  streamRegistry: `0x${'a1'.repeat(20)}`,
  streamStorageRegistry: `0x${'a2'.repeat(20)}`,
  storageNodeRegistry: `0x${'a3'.repeat(20)}`,
}
/** Not the local chain's, so that the defaults for public chains are in force. */
export const CHAIN_ID = 137

const events = new Interface([
  'event StreamCreated(string id, string metadata)',
  'event StreamUpdated(string id, string metadata)',
  'event StreamDeleted(string id)',
  'event PermissionUpdated(string streamId, address user, bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant)',
  'event PermissionUpdatedForUserId(string streamId, bytes user, bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant)',
  'event Added(string streamId, address indexed nodeAddress)',
  'event Removed(string streamId, address indexed nodeAddress)',
  'event NodeUpdated(address indexed nodeAddress, string metadata, uint indexed isNew, uint lastSeen)',
  'event NodeRemoved(address indexed nodeAddress)',
])

export interface ScriptedLog {
  address: string
  topics: string[]
  data: string
}

function log(address: string, name: string, values: readonly unknown[]): ScriptedLog {
  const { topics, data } = events.encodeEventLog(name, values)
  return { address, topics: topics as string[], data }
}

export const MAX_UINT = 2n ** 256n - 1n

export const created = (id: string, metadata = '{"partitions":1}') =>
  log(CONTRACTS.streamRegistry, 'StreamCreated', [id, metadata])
export const updated = (id: string, metadata: string) =>
  log(CONTRACTS.streamRegistry, 'StreamUpdated', [id, metadata])
export const deleted = (id: string) => log(CONTRACTS.streamRegistry, 'StreamDeleted', [id])
export const permission = (id: string, user: string, publishExpiration: bigint, subscribeExpiration = 0n) =>
  log(CONTRACTS.streamRegistry, 'PermissionUpdated', [
    id,
    user,
    false,
    false,
    publishExpiration,
    subscribeExpiration,
    false,
  ])
export const ownership = (id: string, user: string) =>
  log(CONTRACTS.streamRegistry, 'PermissionUpdated', [id, user, true, true, MAX_UINT, MAX_UINT, true])
export const permissionForUserId = (id: string, user: string, publishExpiration: bigint) =>
  log(CONTRACTS.streamRegistry, 'PermissionUpdatedForUserId', [
    id,
    user,
    false,
    false,
    publishExpiration,
    0n,
    false,
  ])
export const assigned = (id: string, node: string) =>
  log(CONTRACTS.streamStorageRegistry, 'Added', [id, node])
export const unassigned = (id: string, node: string) =>
  log(CONTRACTS.streamStorageRegistry, 'Removed', [id, node])
export const nodeUpdated = (node: string, metadata: string) =>
  log(CONTRACTS.storageNodeRegistry, 'NodeUpdated', [node, metadata, 1n, 1_000n])
export const nodeRemoved = (node: string) => log(CONTRACTS.storageNodeRegistry, 'NodeRemoved', [node])
/** A log with an event's topic and bytes that are none of its arguments. */
export const garbled = (): ScriptedLog => ({ ...created('x/y'), data: `0x${'ff'.repeat(64)}` })

interface ScriptedBlock {
  number: number
  hash: string
  timestamp: number
  logs: ScriptedLog[]
}

type Answer = { result: unknown } | { error: { code: number; message: string } }

/** A chain that does what the test says, behind a real JSON-RPC endpoint on loopback. */
export class ScriptedChain {
  readonly blocks: ScriptedBlock[] = []
  readonly calls: { method: string; params: unknown[] }[] = []
  chainId = CHAIN_ID
  /** Set to answer a call in another way than the chain would. */
  override: ((method: string, params: unknown[]) => Answer | string | undefined) | undefined
  #forks = 0
  #server: Server | undefined
  #port = 0

  constructor(genesisTimestamp = 1_000) {
    this.#append(genesisTimestamp, [])
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/key/secret`
  }

  get head(): ScriptedBlock {
    const block = this.blocks.at(-1)
    if (block === undefined) throw new Error('The chain has no block')
    return block
  }

  /** A block with these logs; two seconds after the one before where no time is given. */
  mine(logs: ScriptedLog[] = [], timestamp = this.head.timestamp + 2): ScriptedBlock {
    return this.#append(timestamp, logs)
  }

  mineEmpty(count: number): void {
    for (let index = 0; index < count; index++) this.mine()
  }

  /** Takes back the newest blocks; what is mined next is another fork. */
  reorganise(depth: number): void {
    this.blocks.splice(Math.max(1, this.blocks.length - depth))
    this.#forks += 1
  }

  async listen(port = 0): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
          method: string
          params: unknown[]
        }
        this.calls.push({ method, params })
        const answer = this.override?.(method, params) ?? this.#answer(method, params)
        response.end(
          typeof answer === 'string' ? answer : JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }),
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  /** Goes silent and comes back at the same address. */
  async reopen(): Promise<void> {
    await this.listen(this.#port)
  }

  #append(timestamp: number, logs: ScriptedLog[]): ScriptedBlock {
    const number = this.blocks.length
    const block = { number, hash: keccakOfText(`${this.#forks}/${number}`), timestamp, logs }
    this.blocks.push(block)
    return block
  }

  #answer(method: string, params: unknown[]): Answer {
    switch (method) {
      case 'eth_chainId':
        return { result: `0x${this.chainId.toString(16)}` }
      case 'eth_getBlockByNumber': {
        const block = params[0] === 'latest' ? this.head : this.blocks[Number(params[0])]
        return { result: block === undefined ? null : header(block) }
      }
      case 'eth_getLogs': {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
        return { result: this.blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(logsOf) }
      }
      default:
        return { error: { code: -32_601, message: 'Method not found' } }
    }
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function header({ number, hash, timestamp }: ScriptedBlock) {
  return { number: hex(number), hash, timestamp: hex(timestamp), miner: zeroPadValue('0x', 20) }
}

function logsOf(block: ScriptedBlock) {
  return block.logs.map((scripted, index) => ({
    ...scripted,
    blockNumber: hex(block.number),
    blockHash: block.hash,
    logIndex: hex(index),
    transactionHash: keccakOfText(`tx ${block.hash} ${index}`),
    removed: false,
  }))
}
