import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import { createRegistryIndex } from '../../../electron/node/registry/registry-index.ts'
import { ALICE, Cleanup, eventually, indexOf, OWNER, STREAM, silentLogger, startChain } from './fixtures.ts'
import { CHAIN_ID, CONTRACTS, created, MAX_UINT, ownership, permission } from './scripted-chain.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('endpoints and restarts', () => {
  test('what is known is answered while no endpoint is there, and is up to date when one is back', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM), ownership(STREAM, OWNER)])
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(1)
    await chain.close()
    await eventually('it says so', () => !index.status().reachable)
    expect(await index.stream(STREAM)).toBeDefined()
    chain.mine([permission(STREAM, ALICE, MAX_UINT)])
    await chain.reopen()
    await index.awaitBlock(2)
    expect(index.status()).toMatchObject({ reachable: true, endpoints: [{ ok: true, problem: null }] })
  })

  test('it starts without any endpoint and catches up', async () => {
    const chain = await startChain(cleanup)
    await chain.close()
    const index = indexOf([chain], cleanup)
    await index.start()
    await eventually('it has tried', () => (index.status().endpoints[0]?.failuresInARow ?? 0) > 0)
    expect(await index.publishPermission(STREAM, ALICE, 1_000)).toMatchObject({ state: 'unknown' })
    chain.mine([created(STREAM)])
    await chain.reopen()
    await index.awaitBlock(1)
    expect(await index.stream(STREAM)).toBeDefined()
  })

  test.each([
    ['answers nonsense', '<html>502 Bad Gateway</html>'],
    ['answers blocks without hash', { result: { number: '0x1' } }],
    ['refuses', { error: { code: -32_005, message: 'limit exceeded' } }],
  ])('the next endpoint is used when the first %s', async (_name, answer) => {
    const [bad, good] = [await startChain(cleanup), await startChain(cleanup)]
    bad.override = () => answer
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    const [first, second] = index.status().endpoints
    expect(first).toMatchObject({ ok: false })
    expect(first?.problem).toBeTruthy()
    expect(second).toMatchObject({ ok: true })
  })

  test('an endpoint of another chain is not used, whatever it answers', async () => {
    const [bad, good] = [await startChain(cleanup), await startChain(cleanup)]
    bad.chainId = CHAIN_ID + 1
    bad.mine([created(`${OWNER}/elsewhere`)])
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect((await index.searchStreams({})).map(({ id }) => id)).toEqual([STREAM])
    expect(index.status().endpoints[0]?.problem).toMatch(/chain 138 instead of 137/)
  })

  test('keys in the URLs of endpoints are not shown', async () => {
    const chain = await startChain(cleanup)
    const index = indexOf([chain], cleanup)
    await index.start()
    await index.awaitBlock(0)
    await chain.close()
    await eventually('it has failed', () => !index.status().reachable)
    expect(JSON.stringify(index.status())).not.toMatch(/secret/)
  })

  test('an answer without end is cut off', async () => {
    const [bad, good] = [await startChain(cleanup), await startChain(cleanup)]
    bad.override = (method) =>
      method === 'eth_getLogs' ? `{"result":"${'x'.repeat(34_000_000)}"}` : undefined
    bad.mine([created(STREAM)])
    good.mine([created(STREAM)])
    const index = indexOf([bad, good], cleanup)
    await index.start()
    await index.awaitBlock(1)
    expect(index.status().endpoints[0]?.ok).toBe(false)
  })

  test('a restart goes on where the index was', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM)])
    chain.mineEmpty(20)
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const first = indexOf([chain], cleanup, { databaseFile })
    await first.start()
    await first.awaitBlock(21)
    await first.stop()
    chain.calls.length = 0
    chain.mineEmpty(1)
    const second = indexOf([chain], cleanup, { databaseFile })
    expect(await second.stream(STREAM)).toBeDefined()
    await second.start()
    await second.awaitBlock(22)
    const from = chain.calls
      .filter(({ method }) => method === 'eth_getLogs')
      .map(({ params }) => Number((params[0] as { fromBlock: string }).fromBlock))
    expect(Math.min(...from)).toBe(22)
  })

  test('a file of other contracts is set aside and the index built again', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM)])
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const first = indexOf([chain], cleanup, { databaseFile })
    await first.start()
    await first.awaitBlock(1)
    await first.stop()
    const contracts = { ...CONTRACTS, streamRegistry: `0x${'b1'.repeat(20)}` }
    const second = createRegistryIndex({
      ...{ databaseFile, contracts, chainId: CHAIN_ID, rpcUrls: [chain.url], logger: silentLogger },
    })
    cleanup.add(() => second.stop())
    expect(await second.stream(STREAM)).toBeUndefined()
  })

  test('a damaged file is set aside and the index built again', async () => {
    const chain = await startChain(cleanup)
    chain.mine([created(STREAM)])
    const folder = cleanup.folder()
    const databaseFile = join(folder, 'registry.sqlite')
    writeFileSync(databaseFile, 'not a database at all, but long enough to look like one'.repeat(50))
    const index = indexOf([chain], cleanup, { databaseFile })
    await index.start()
    await index.awaitBlock(1)
    expect(await index.stream(STREAM)).toBeDefined()
    expect(readdirSync(folder).some((name) => name.endsWith('.old'))).toBe(true)
  })

  test('a file of a newer version is refused and left as it is', async () => {
    const chain = await startChain(cleanup)
    const databaseFile = join(cleanup.folder(), 'registry.sqlite')
    const newer = new Database(databaseFile)
    newer.pragma('user_version = 99')
    newer.close()
    expect(() => indexOf([chain], cleanup, { databaseFile })).toThrow(/newer version/)
    expect(new Database(databaseFile, { readonly: true }).pragma('user_version', { simple: true })).toBe(99)
  })

  test('waiting for a block ends with the caller’s signal and with the index', async () => {
    const chain = await startChain(cleanup)
    const index = indexOf([chain], cleanup)
    await index.start()
    const caller = new AbortController()
    const waiting = index.awaitBlock(99, caller.signal)
    caller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
    const other = index.awaitBlock(99)
    await Promise.all([expect(other).rejects.toMatchObject({ code: 'aborted' }), index.stop()])
  })
})
