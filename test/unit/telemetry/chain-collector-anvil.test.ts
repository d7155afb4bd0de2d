import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createChainCollector } from '../../../electron/node/telemetry/chain-collector.ts'
import { chainSampleSchema } from '../../../electron/node/telemetry/chain-schema.ts'
import { createQuietLogger } from './quiet-logger.ts'

const FOUNDRY = new URL('../../../node_modules/@foundry-rs/', import.meta.url).pathname

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

describe('a real chain', () => {
  let anvil: ChildProcess
  let rpcUrl = ''

  async function mine(): Promise<void> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'evm_mine', params: [] })
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (!answer.ok) throw new Error(`mining failed with ${answer.status}`)
  }

  beforeAll(async () => {
    const platform = readdirSync(FOUNDRY).find((name) => name.startsWith('anvil-'))
    if (platform === undefined) throw new Error('The chain’s binary is not installed.')
    const port = await freePort()
    const binary = join(FOUNDRY, platform, 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
    anvil = spawn(binary, ['--port', String(port), '--silent', '--no-mining'], { stdio: 'ignore' })
    rpcUrl = `http://127.0.0.1:${port}`
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (
        await mine()
          .then(() => true)
          .catch(() => false)
      )
        return
      await wait(50)
    }
    throw new Error('The chain did not start.')
  }, 20_000)

  afterAll(() => {
    anvil.kill('SIGKILL')
  })

  it('is told with its height, times, gas and pool, and its height follows the chain', async () => {
    const collector = createChainCollector({
      rpcUrl,
      logger: createQuietLogger(),
      clock: { now: () => Date.now() },
    })
    const first = chainSampleSchema.parse(await collector.sample())
    expect(first.block.gasLimit).toBeGreaterThan(20_000_000)
    expect(first.block.baseFee).toBeGreaterThan(0)
    expect(Math.abs(first.block.age ?? Number.NaN)).toBeLessThan(60)
    expect(first).toMatchObject({ pending: 0, block: { height: 1, gasUsed: 0, transactions: 0 } })
    await mine()
    expect((await collector.sample()).block.height).toBe(2)
    expect(JSON.stringify(first).length).toBeLessThan(400)
  })
})
