import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAgentConfig } from '../../../electron/agent/agent-config.ts'
import { agentNetwork } from '../../../electron/agent/agent-network.ts'

const SAMPLE = new URL('../../../resources/agent/tidemark-agent.json', import.meta.url)
const ADDRESS = `0x${'ab'.repeat(20)}`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-agent-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function written(content: unknown): string {
  const file = join(folder, 'agent.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const network = {
  environment: 'local',
  rpcUrl: 'http://127.0.0.1:8545',
  chainId: 31_337,
  theGraphUrl: 'http://127.0.0.1:9000',
  contracts: { streamRegistry: ADDRESS, streamStorageRegistry: ADDRESS, storageNodeRegistry: ADDRESS },
  entryPoints: [],
  fundedPrivateKey: `0x${'11'.repeat(32)}`,
}
const config = (over: object = {}) => ({
  version: 1,
  data: 'data',
  network,
  stream: { id: '/fleet' },
  sources: [{ kind: 'machine', name: 'machine' }],
  ...over,
})

describe('the configuration of an agent', () => {
  it('is read with its defaults, its folder beside it, and without the key of somebody else’s account', async () => {
    const read = await readAgentConfig(written(config()))
    expect(read).toMatchObject({
      data: join(folder, 'data'),
      stream: { id: '/fleet', partition: 0, publishers: [], public: true },
      sources: [{ kind: 'machine', name: 'machine', intervalMs: 10_000, jitterMs: 0, batchMs: 0 }],
      outboxMegabytes: 64,
    })
    expect(JSON.stringify(read)).not.toContain('1111')
    expect(agentNetwork(read)).toMatchObject({
      environment: 'local',
      isLoopback: true,
      network: { chainId: 31_337 },
    })
  })

  it('the sample beside the program is one, and finds a public environment by its name', async () => {
    const read = await readAgentConfig(written(readFileSync(SAMPLE, 'utf8')))
    expect(new Set(read.sources.map(({ kind }) => kind)).size).toBe(6)
    const { network: found, isLoopback } = agentNetwork(read)
    expect(found).toMatchObject({ environment: 'polygon', chainId: 137 })
    expect(found.contracts.streamRegistry).toMatch(/^0x[0-9a-f]{40}$/)
    expect(isLoopback).toBe(false)
  })

  it.each([
    [
      'a source twice',
      {
        sources: [
          { kind: 'machine', name: 'a' },
          { kind: 'machine', name: 'a' },
        ],
      },
      'same name',
    ],
    ['the agent’s own name', { sources: [{ kind: 'machine', name: 'agent' }] }, 'agent’s own'],
    ['no source', { sources: [] }, 'sources'],
    ['an unknown kind', { sources: [{ kind: 'weather', name: 'w' }] }, 'sources.0'],
    ['a source without its address', { sources: [{ kind: 'evm', name: 'c' }] }, 'sources.0.url'],
    [
      'an address that is none',
      { sources: [{ kind: 'evm', name: 'c', url: 'file:///etc/passwd' }] },
      'sources.0.url',
    ],
    [
      'jitter beyond the interval',
      { sources: [{ kind: 'machine', name: 'm', intervalMs: 1_000, jitterMs: 1_000 }] },
      'jitter',
    ],
    ['an interval of a moment', { sources: [{ kind: 'machine', name: 'm', intervalMs: 1 }] }, 'intervalMs'],
    ['no network', { network: undefined }, 'network'],
    ['a misspelt key', { outbox: 5 }, 'outbox'],
    ['a stream id without a path', { stream: { id: 'fleet' } }, 'stream.id'],
    [
      'a time server with a port beyond all',
      { sources: [{ kind: 'clock', name: 'c', server: 'a:70000' }] },
      'sources.0.server',
    ],
  ])('%s is refused, naming the place', async (_what, over, place) => {
    await expect(readAgentConfig(written(config(over)))).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining(place),
    })
  })

  it('that is no JSON is refused without repeating it, one that is not there by name', async () => {
    const file = written('{"sources": [{"url": "https://secret-key@rpc"')
    await expect(readAgentConfig(file)).rejects.toThrow('is not valid JSON')
    await expect(readAgentConfig(file)).rejects.not.toThrow('secret-key')
    await expect(readAgentConfig(join(folder, 'missing.json'))).rejects.toThrow('is not there')
  })
})
