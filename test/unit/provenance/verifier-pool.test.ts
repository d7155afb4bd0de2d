import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { MAX_MESSAGE_BYTES } from '../../../electron/node/message/limits.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { RawMessage } from '../../../electron/node/ports.ts'
import { MAX_UNSTORED_MESSAGES } from '../../../electron/node/provenance/verifier-limits.ts'
import {
  createVerifierPool,
  type VerifierPool,
  type VerifierPoolOptions,
} from '../../../electron/node/provenance/verifier-pool.ts'
import { TidemarkError } from '../../../shared/errors.ts'
import { MemoryAppends, noContracts, permission, SettablePermissions, silentLogger } from './fakes.ts'
import { CONTENT, createSigner, signedMessage } from './signers.ts'

const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const pools: VerifierPool[] = []

async function startPool(options: Partial<VerifierPoolOptions> = {}) {
  const store = new MemoryAppends()
  const permissions = new SettablePermissions()
  const pool = createVerifierPool({
    store,
    permissions,
    contractSignatures: noContracts,
    logger: silentLogger,
    workers: 2,
    ...options,
  })
  pools.push(pool)
  await pool.start()
  return { pool, store, permissions }
}

async function message(timestamp: number, text = '{"n":1}'): Promise<RawMessage> {
  const body = { ...CONTENT, content: new TextEncoder().encode(text) }
  const bytes = encodeStreamMessage(await signedMessage(signer, { timestamp, body }))
  return { bytes, source: 'live', receivedAt: timestamp }
}

const messages = (count: number, from = 1_000) =>
  Promise.all(Array.from({ length: count }, (_, i) => message(from + i)))

/** Workers load in a second or two when all cores are busy. */
const PATIENCE = { timeout: 10_000 }

const diskFull = () => new TidemarkError('disk-full', 'The disk is full.', 'Make room.')

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()))
})

describe('the verifier pool', () => {
  it('verifies live messages on its workers and has each stored once', async () => {
    const { pool, store } = await startPool()
    const live = await messages(1_200)
    for (const one of live) expect(pool.ingest(one)).toBe(true)
    await pool.drained()
    expect(store.messages.size).toBe(1_200)
    expect(pool.statistics()).toMatchObject({ unstored: 0, unstoredBytes: 0, verdicts: { verified: 1_200 } })
  })

  it('stores a single live message without waiting for others', async () => {
    const { pool, store } = await startPool()
    pool.ingest(await message(1))
    await pool.drained()
    expect(store.messages.size).toBe(1)
  })

  it('resolves only after the store has committed', async () => {
    const { pool, store } = await startPool()
    const commit = Promise.withResolvers<void>()
    store.beforeAppend = () => commit.promise
    let isDone = false
    const ingested = pool.ingestAll(await messages(3)).then((result) => {
      isDone = true
      return result
    })
    await vi.waitFor(() => expect(store.appends).toBe(1), PATIENCE)
    expect(isDone).toBe(false)
    commit.resolve()
    expect(await ingested).toMatchObject({ verdicts: { verified: 3 }, append: { stored: 3 } })
  })

  it('tells its listeners and its callers what became of the messages', async () => {
    const { pool } = await startPool()
    const heard: number[] = []
    pool.onIngested(({ append }) => heard.push(append.stored))
    const [good, twin] = await messages(2)
    const garbage: RawMessage = { bytes: Uint8Array.from([1, 2, 3]), source: 'live', receivedAt: 0 }
    const result = await pool.ingestAll([good, twin, good, garbage] as RawMessage[])
    expect(result).toMatchObject({
      verdicts: { verified: 3, forged: 0 },
      refused: 1,
      append: { stored: 2, duplicates: 1, quarantined: 1 },
    })
    expect(heard).toEqual([2])
  })

  it('turns messages away when the queue is full, counts them, and says when there is room again', async () => {
    const { pool, store } = await startPool()
    const commit = Promise.withResolvers<void>()
    store.beforeAppend = () => commit.promise
    const one = await message(1)
    for (let i = 0; i < MAX_UNSTORED_MESSAGES; i++) expect(pool.ingest(one)).toBe(true)
    expect(pool.ingest(one)).toBe(false)
    expect(pool.statistics()).toMatchObject({ turnedAway: 1, unstored: MAX_UNSTORED_MESSAGES })
    const aborted = AbortSignal.abort(new Error('no longer wanted'))
    await expect(pool.room(aborted)).rejects.toThrow('no longer wanted')
    const waiting = new AbortController()
    const refused = pool.room(waiting.signal)
    waiting.abort(new Error('gave up'))
    await expect(refused).rejects.toThrow('gave up')
    const room = pool.room()
    commit.resolve()
    await room
    expect(pool.ingest(one)).toBe(true)
  })

  it('sends again what the store did not take, and says why nothing is stored meanwhile', async () => {
    const { pool, store } = await startPool()
    let failures = 1
    store.beforeAppend = async () => {
      if (failures-- > 0) throw diskFull()
    }
    const ingested = pool.ingestAll(await messages(2))
    await vi.waitFor(() => expect(pool.statistics().problem).toMatchObject({ code: 'disk-full' }), PATIENCE)
    expect(await ingested).toMatchObject({ append: { stored: 2 } })
    expect(pool.statistics().problem).toBeNull()
  })

  it('forgets permissions when their stream changes', async () => {
    const { pool, store, permissions } = await startPool({ workers: 1 })
    await pool.ingestAll([await message(1)])
    permissions.answer = () => permission('denied')
    await pool.ingestAll([await message(2)])
    permissions.change('0xaa/load')
    await pool.ingestAll([await message(3)])
    expect([...store.messages.values()].map(({ verdict }) => verdict)).toEqual([
      'verified',
      'verified',
      'unauthorised',
    ])
  })

  it('does not let an answer from before a change be remembered after it', async () => {
    const { pool, store, permissions } = await startPool({ workers: 1 })
    const asked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    permissions.answer = async () => {
      asked.resolve()
      await release.promise
      return permission('permitted')
    }
    const ingested = pool.ingestAll([await message(1)])
    await asked.promise
    permissions.answer = () => permission('denied')
    permissions.change('0xaa/load')
    release.resolve()
    await ingested
    await pool.ingestAll([await message(2)])
    expect([...store.messages.values()].map(({ verdict }) => verdict)).toEqual([
      'unauthorised',
      'unauthorised',
    ])
  })

  it('stores messages as pending when the registry throws', async () => {
    const { pool, store, permissions } = await startPool()
    permissions.answer = () => {
      throw new Error('index broken')
    }
    await pool.ingestAll([await message(1)])
    expect([...store.messages.values()]).toMatchObject([{ verdict: 'pending', reason: 'permission-unknown' }])
  })

  it('gives verdicts without storing', async () => {
    const { pool, store } = await startPool()
    const decisions = await pool.decide([(await message(1)).bytes, Uint8Array.from([9])])
    expect(decisions).toEqual([{ verdict: 'verified', reason: 'signed-and-permitted' }, null])
    expect(store.appends).toBe(0)
  })

  it('refuses oversized bytes without carrying all of them around', async () => {
    const { pool, store } = await startPool()
    const huge: RawMessage = { bytes: new Uint8Array(10_000_000), source: 'live', receivedAt: 1 }
    pool.ingest(huge)
    expect(pool.statistics().unstoredBytes).toBe(MAX_MESSAGE_BYTES + 1)
    await pool.drained()
    expect(store.refused).toMatchObject([{ reason: 'too-large' }])
  })

  it('stores what it took before it stops, and takes nothing after', async () => {
    const { pool, store } = await startPool()
    for (const one of await messages(700)) pool.ingest(one)
    await pool.stop()
    expect(store.messages.size).toBe(700)
    expect(pool.ingest(await message(1))).toBe(false)
    await expect(pool.ingestAll(await messages(1))).rejects.toMatchObject({ code: 'not-running' })
  })
})

describe('a verifier worker that dies', () => {
  const workerModule = new URL('./dying-worker.ts', import.meta.url)

  it('is replaced, and loses nothing but what kills it, which is set aside', async () => {
    const { pool, store } = await startPool({ workerModule })
    const good = await messages(40)
    const poison = await message(5_000, '{"word":"POISON"}')
    const result = await pool.ingestAll([...good.slice(0, 20), poison, ...good.slice(20)])
    expect(result).toMatchObject({
      verdicts: { verified: 40 },
      refused: 1,
      append: { stored: 40, quarantined: 1 },
    })
    expect(store.refused).toMatchObject([{ reason: 'verifier-died' }])
    expect(store.messages.size).toBe(40)
    expect(pool.statistics().restarts).toBeGreaterThan(1)
  }, 60_000)

  it('is told apart from the batches that were in its hands too: each of them is tried alone', async () => {
    const { pool, store } = await startPool({ workerModule, workers: 1 })
    const [one, two] = await messages(2)
    const poison = await message(5_000, '{"word":"POISON"}')
    await Promise.all(
      [one, poison, two].map((single) => pool.ingestAll(single === undefined ? [] : [single])),
    )
    expect(store.messages.size).toBe(2)
    expect(store.refused.length).toBe(1)
  }, 60_000)

  it('leaves the messages beside the deadly one for another', async () => {
    const { pool, store } = await startPool({ workerModule, workers: 1 })
    pool.ingest(await message(5_000, '{"word":"POISON"}'))
    for (const one of await messages(20)) pool.ingest(one)
    await pool.drained()
    expect(store.messages.size).toBe(20)
    expect(store.refused.length).toBe(1)
  }, 60_000)
})
