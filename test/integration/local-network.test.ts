import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { fundedPrivateKey } from '../../electron/node/local-network/deployment.ts'
import { isPortFree } from '../../electron/node/local-network/free-port.ts'
import { startLocalChain } from '../../electron/node/local-network/local-chain.ts'
import { type LocalNetwork, startLocalNetwork } from '../../electron/node/local-network/local-network.ts'
import { Cleanup, eventually, NODE_ADDRESS, RegistryOwner, silentLogger } from './local-network-fixtures.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function start(dataDir: string): Promise<LocalNetwork> {
  const network = await startLocalNetwork({ dataDir, identityAddress: NODE_ADDRESS, logger: silentLogger })
  cleanup.add(() => network.stop())
  return network
}

function ownerOn(network: ConstructorParameters<typeof RegistryOwner>[0]): RegistryOwner {
  const owner = new RegistryOwner(network)
  cleanup.add(() => owner.close())
  return owner
}

type ChildNetwork = ConstructorParameters<typeof RegistryOwner>[0]

async function startInChild(dataDir: string): Promise<{ child: ChildProcess; network: ChildNetwork }> {
  const script = fileURLToPath(new URL('./local-network-child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanup.add(() => child.kill('SIGKILL'))
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return { child, network: JSON.parse(text) as ChildNetwork }
}

interface SavedRecord {
  chain: { port: number; pid: number | null; genesisHash: string }
  contracts: LocalNetwork['contracts']
}

function recordOf(dataDir: string): SavedRecord {
  return JSON.parse(readFileSync(join(dataDir, 'network.json'), 'utf8')) as SavedRecord
}

function chainPid(dataDir: string): number {
  const { pid } = recordOf(dataDir).chain
  if (pid === null) throw new Error('No chain runs')
  return pid
}

function parentPid(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** A killed process whose new parent has not asked for it yet is there in name only. */
function isRunning(pid: number): boolean {
  try {
    return !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** The newest block that is on disk. */
function savedBlock(dataDir: string): number {
  return Number(JSON.parse(readFileSync(join(dataDir, 'chain-state.json'), 'utf8')).best_block_number)
}

describe('the local network', () => {
  test('chain, contracts, streams, event logs and addresses are there again after a restart', async () => {
    const dataDir = cleanup.folder()
    const first = await start(dataDir)
    const owner = ownerOn(first)
    const stream = await owner.createStream('/kept')
    expect(BigInt((await owner.rpc('eth_getBalance', NODE_ADDRESS, 'latest')) as string)).toBeGreaterThan(0n)
    const { number } = await owner.latestBlock()
    await first.stop()
    const second = await start(dataDir)
    const { rpcUrl, contracts, entryPoints } = second
    expect({ rpcUrl, contracts, entryPoints }).toEqual({
      rpcUrl: first.rpcUrl,
      contracts: first.contracts,
      entryPoints: first.entryPoints,
    })
    const again = ownerOn(second)
    expect(await again.exists(stream)).toBe(true)
    expect(await again.createdStreams()).toEqual([stream])
    expect((await again.latestBlock()).number).toBeGreaterThanOrEqual(number)
  })

  test('many transactions in a second do not put the chain ahead of the clock', async () => {
    const owner = ownerOn(await start(cleanup.folder()))
    for (let index = 0; index < 30; index++) {
      await owner.createStream(`/${index}`)
      expect((await owner.latestBlock()).timestamp).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000))
    }
  })

  test('blocks come by themselves, and their time follows the clock', async () => {
    const owner = ownerOn(await start(cleanup.folder()))
    const before = await owner.latestBlock()
    await eventually('two more blocks', async () => (await owner.latestBlock()).number >= before.number + 2)
    expect((await owner.latestBlock()).timestamp).toBeGreaterThan(before.timestamp)
  })

  test('a long-running chain is renewed from its pruned state: same address, same logs, block after block', async () => {
    const dataDir = cleanup.folder()
    await (await start(dataDir)).stop()
    const { chain: previous, contracts } = recordOf(dataDir)
    const pids: number[] = []
    const chain = await startLocalChain({
      dataDir,
      previous,
      logger: silentLogger,
      clock: Date,
      blockIntervalMs: 1,
      renewAfterBlocks: 3,
      onRecord: async ({ pid }) => {
        if (pid !== null) pids.push(pid)
      },
    })
    cleanup.add(() => chain.stop())
    const { rpcUrl, chainId } = chain
    const owner = ownerOn({ rpcUrl, chainId, contracts, fundedPrivateKey: fundedPrivateKey() })
    const stream = await owner.createStream('/kept')
    const { number } = await owner.latestBlock()
    const { length } = pids
    await eventually('it was renewed twice', () => pids.length >= length + 2)
    await eventually('it goes on', async () => {
      const now = await owner.latestBlock().catch(() => ({ number: 0 }))
      return now.number > number
    })
    await eventually('the stream is there', () => owner.exists(stream).catch(() => false))
    expect(new Set(pids).size).toBe(pids.length)
  })

  test('a chain that dies is there again at its address with what it held', async () => {
    const dataDir = cleanup.folder()
    const owner = ownerOn(await start(dataDir))
    const stream = await owner.createStream('/kept')
    const { number: made } = await owner.latestBlock()
    await eventually('the chain is saved', () => savedBlock(dataDir) >= made)
    process.kill(chainPid(dataDir), 'SIGKILL')
    await eventually('the stream is there again', () => owner.exists(stream).catch(() => false))
  })

  test('after SIGKILL no chain is left behind, and nothing it held is lost', async () => {
    const dataDir = cleanup.folder()
    const { child, network } = await startInChild(dataDir)
    const owner = ownerOn(network)
    const stream = await owner.createStream('/kept')
    const { number: made } = await owner.latestBlock()
    await eventually('the chain is saved', () => savedBlock(dataDir) >= made)
    await kill(child)
    const port = Number(new URL(network.rpcUrl).port)
    await eventually('the port is free', () => isPortFree(port))
    const again = ownerOn(await start(dataDir))
    expect(await again.exists(stream)).toBe(true)
    expect(await again.createdStreams()).toEqual([stream])
  })

  test.runIf(process.platform === 'linux')(
    'a chain whose guard was killed too is found, and what it did meanwhile is kept',
    async () => {
      const dataDir = cleanup.folder()
      const { child, network } = await startInChild(dataDir)
      const pid = chainPid(dataDir)
      const guard = parentPid(pid)
      const guards = readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8')
        .trim()
        .split(' ')
        .map(Number)
      for (const other of guards.filter((child) => child !== pid)) process.kill(other, 'SIGKILL')
      process.kill(guard, 'SIGKILL')
      await kill(child)
      const stream = await ownerOn(network).createStream('/made-without-tidemark')
      const again = await start(dataDir)
      expect(again.rpcUrl).toBe(network.rpcUrl)
      expect(isRunning(pid)).toBe(false)
      expect(await ownerOn(again).exists(stream)).toBe(true)
    },
  )

  test('another program on the chain’s port is left alone, and another port is taken', async () => {
    const ours = cleanup.folder()
    const first = await start(ours)
    const stream = await ownerOn(first).createStream('/kept')
    await first.stop()
    const stranger = createServer((_request, response) => response.end('{}'))
    cleanup.add(() => stranger.close())
    await new Promise<void>((resolve) =>
      stranger.listen(Number(new URL(first.rpcUrl).port), '127.0.0.1', resolve),
    )
    const second = await start(ours)
    expect(second.rpcUrl).not.toBe(first.rpcUrl)
    expect(await ownerOn(second).exists(stream)).toBe(true)
    expect(stranger.listening).toBe(true)
  })

  test('a start that is called off leaves nothing running', async () => {
    const dataDir = cleanup.folder()
    const off = new AbortController()
    const starting = startLocalNetwork({
      dataDir,
      identityAddress: NODE_ADDRESS,
      logger: silentLogger,
      signal: off.signal,
    })
    setTimeout(() => off.abort(), 150)
    await expect(starting).rejects.toThrow()
    await eventually('no chain of it runs', async () => {
      try {
        const { chain } = JSON.parse(readFileSync(join(dataDir, 'network.json'), 'utf8')) as {
          chain: { port: number }
        }
        return await isPortFree(chain.port)
      } catch {
        return true
      }
    })
  })
})
