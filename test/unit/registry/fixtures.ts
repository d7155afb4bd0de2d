import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../../electron/node/ports.ts'
import {
  createRegistryIndex,
  type RegistryIndex,
  type RegistryIndexOptions,
} from '../../../electron/node/registry/registry-index.ts'
import { CHAIN_ID, CONTRACTS, ScriptedChain } from './scripted-chain.ts'

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}

export const STREAM = '0x1111111111111111111111111111111111111111/metrics'
export const OWNER = '0x1111111111111111111111111111111111111111'
export const ALICE = '0x2222222222222222222222222222222222222222'
export const BOB = '0x3333333333333333333333333333333333333333'
export const PUBLIC = '0x0000000000000000000000000000000000000000'

/** Things to undo after a test, in the reverse order. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-registry-'))
    this.add(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}

/** A scripted chain that answers until the test is over. */
export async function startChain(cleanup: Cleanup): Promise<ScriptedChain> {
  const chain = new ScriptedChain()
  await chain.listen()
  cleanup.add(() => chain.close())
  return chain
}

/** An index of the scripted chain that polls fast and waits for nothing. */
export function indexOf(
  chains: readonly ScriptedChain[],
  cleanup: Cleanup,
  options: Partial<RegistryIndexOptions> = {},
): RegistryIndex {
  const index = createRegistryIndex({
    databaseFile: join(cleanup.folder(), 'registry.sqlite'),
    rpcUrls: chains.map((chain) => chain.url),
    chainId: CHAIN_ID,
    contracts: CONTRACTS,
    logger: silentLogger,
    pollIntervalMs: 5,
    confirmations: 0,
    ...options,
  })
  cleanup.add(() => index.stop())
  return index
}

/** Waits until the condition holds; fails with its name when it never does. */
export async function eventually(name: string, condition: () => unknown): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    if (await condition()) return
    await delay(10)
  }
  throw new Error(`It never came true: ${name}`)
}

/** Everything of a stream that the index derives, for comparing two indexes. */
export async function snapshot(index: RegistryIndex) {
  const streams = await index.searchStreams({})
  return {
    head: index.status().headBlock,
    streams,
    nodes: await index.nodes(),
    perStream: await Promise.all(
      streams.map(async ({ id }) => ({
        id,
        permissions: await index.permissions(id),
        storageNodes: await index.storageNodes(id),
      })),
    ),
  }
}
