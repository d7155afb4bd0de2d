import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import { compareMessages } from '../../electron/node/message/order.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../electron/node/message/stream-message.ts'
import type { RawMessage, StoredMessage } from '../../electron/node/ports.ts'
import { createPendingReview } from '../../electron/node/provenance/pending-review.ts'
import { createVerifierPool, type VerifierPool } from '../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { noContracts, permission, SettablePermissions, silentLogger } from '../unit/provenance/fakes.ts'
import { CONTENT, createSigner, signedMessage } from '../unit/provenance/signers.ts'

/** The whole way in: raw bytes, verifier workers, the port between threads, the real store. */
const clock = { now: () => Date.now() }
const PART = '0xaa/load#0'
const START = Date.now() - 3_600_000
const signers = Array.from({ length: 3 }, () => createSigner(SIGNATURE_TYPE.secp256k1Evm))

let folder: string
let store: SqliteStore
let pool: VerifierPool
let permissions: SettablePermissions
let contracts: { check: () => Promise<'accepted' | 'unavailable'> }

const openStore = () =>
  openSqliteStore({ file: join(folder, 'messages.sqlite'), logger: silentLogger, clock })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-ingest-'))
  store = await openStore()
  permissions = new SettablePermissions()
  contracts = {
    check: () => noContracts.check('', new Uint8Array(0), new Uint8Array(0)) as Promise<'unavailable'>,
  }
  const contractSignatures = { check: () => contracts.check() }
  pool = createVerifierPool({ store, permissions, contractSignatures, logger: silentLogger, workers: 2 })
  await pool.start()
})

afterEach(async () => {
  await pool.stop()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const raw = (message: DecodedMessage, source = 'live'): RawMessage => ({
  bytes: encodeStreamMessage(message),
  source,
  receivedAt: Date.now(),
})

async function telemetry(count: number): Promise<DecodedMessage[]> {
  const messages: DecodedMessage[] = []
  for (let n = 0; n < count; n++) {
    const signer = signers[n % signers.length]
    if (signer === undefined) throw new Error('There is no signer')
    const body = { ...CONTENT, content: Buffer.from(JSON.stringify({ n, load: n / count })) }
    messages.push(await signedMessage(signer, { timestamp: START + n * 10, body }))
  }
  return messages
}

async function stored(): Promise<StoredMessage[]> {
  const all: StoredMessage[] = []
  for await (const page of store.query({ part: PART })) all.push(...page)
  return all
}

describe('ingest into the real store', () => {
  it('stores every message once, in order, byte for byte, whatever the order and however often it comes', async () => {
    const messages = await telemetry(2_000)
    const shuffled = [...messages, ...messages.slice(0, 500)].sort(
      (a, b) => (a.signature[5] ?? 0) - (b.signature[5] ?? 0),
    )
    for (const message of shuffled) expect(pool.ingest(raw(message))).toBe(true)
    await pool.drained()
    const found = await stored()
    expect(found.length).toBe(2_000)
    expect(found.map(({ id }) => id)).toEqual(messages.map(({ id }) => id))
    expect(
      found.every((message, n) =>
        Buffer.from(message.raw).equals(encodeStreamMessage(messages[n] as DecodedMessage)),
      ),
    ).toBe(true)
    expect([...found].sort(compareMessages)).toEqual(found)
    expect(pool.statistics().verdicts).toMatchObject({ verified: 2_500, forged: 0 })
  })

  it('has on disk what it acknowledged, after the store was opened anew', async () => {
    const result = await pool.ingestAll((await telemetry(1_200)).map((message) => raw(message)))
    expect(result.append.stored).toBe(1_200)
    await pool.stop()
    await store.close()
    store = await openStore()
    expect((await stored()).length).toBe(1_200)
  })

  it('finds the fields of messages for charts', async () => {
    await pool.ingestAll((await telemetry(50)).map((message) => raw(message)))
    expect((await store.fields(PART)).map(({ path, kind }) => `${path} ${kind}`).sort()).toEqual([
      'load number',
      'n number',
    ])
  })

  it('lets a forged copy that comes first not stand in the way of the message itself', async () => {
    const [message] = await telemetry(1)
    if (message === undefined) throw new Error('There is no message')
    const forged = { ...message, signature: new Uint8Array(65).fill(1) }
    const first = await pool.ingestAll([raw(forged)])
    expect(first.verdicts.forged).toBe(1)
    const second = await pool.ingestAll([raw(message)])
    expect(second).toMatchObject({ verdicts: { verified: 1 }, append: { stored: 1 } })
    expect((await store.get(message.id)).map(({ verdict }) => verdict)).toContain('verified')
    const [part] = await store.statistics()
    expect(part?.verdicts).toMatchObject({ verified: 1, forged: 1 })
  })

  it('keeps both contents that a publisher signed under one id, as equivocation', async () => {
    const [signer] = signers
    if (signer === undefined) throw new Error('There is no signer')
    const one = await signedMessage(signer, { timestamp: START })
    const other = await signedMessage(signer, {
      timestamp: START,
      body: { ...CONTENT, content: Buffer.from('{"load":9}') },
    })
    await pool.ingestAll([raw(one), raw(other, 'peer:b')])
    expect(
      (await store.get(one.id)).map(({ equivocation, verdict }) => `${equivocation} ${verdict}`),
    ).toEqual(['true verified', 'true verified'])
  })

  it('puts what is no message into quarantine and goes on', async () => {
    const [message] = await telemetry(1)
    if (message === undefined) throw new Error('There is no message')
    const garbage: RawMessage = { bytes: new Uint8Array(2_000).fill(0xff), source: 'live', receivedAt: 1 }
    const result = await pool.ingestAll([garbage, raw(message), garbage])
    expect(result).toMatchObject({
      refused: 2,
      verdicts: { verified: 1 },
      append: { stored: 1, quarantined: 2 },
    })
  })

  it('decides later, without being asked, what the registry could not say at first', async () => {
    permissions.answer = () => permission('unknown')
    await pool.ingestAll((await telemetry(700)).map((message) => raw(message)))
    expect((await store.statistics())[0]?.verdicts).toMatchObject({ pending: 700, verified: 0 })
    const review = createPendingReview({
      store,
      verifier: pool,
      permissions,
      clock,
      logger: silentLogger,
      firstDelayMs: 60_000,
    })
    await review.start()
    permissions.answer = (_, publisher) =>
      permission(publisher === signers[0]?.publisher ? 'denied' : 'permitted')
    permissions.change('0xaa/load')
    await vi.waitFor(
      async () => {
        const [part] = await store.statistics()
        expect(part?.verdicts).toMatchObject({ pending: 0, verified: 466, unauthorised: 234 })
      },
      { timeout: 60_000, interval: 200 },
    )
    await review.stop()
  })

  it('decides a contract’s signature once the chain can be asked', async () => {
    const contract = createSigner(SIGNATURE_TYPE.erc1271)
    await pool.ingestAll([raw(await signedMessage(contract, { timestamp: START }))])
    expect((await store.pending(10)).map(({ reason }) => reason)).toEqual(['rpc-unavailable'])
    contracts.check = async () => 'accepted'
    const review = createPendingReview({ store, verifier: pool, permissions, clock, logger: silentLogger })
    expect(await review.reviewPending()).toBe(1)
    expect((await stored()).map(({ verdict }) => verdict)).toEqual(['verified'])
  })

  it('corrects a verdict when the loss of a right becomes known after the message', async () => {
    await pool.ingestAll((await telemetry(30)).map((message) => raw(message)))
    const recent = await signedMessage(signers[0] ?? createSigner(SIGNATURE_TYPE.secp256k1Evm), {
      timestamp: Date.now() - 1_000,
    })
    await pool.ingestAll([raw(recent)])
    const review = createPendingReview({
      store,
      verifier: pool,
      permissions,
      clock,
      logger: silentLogger,
      firstDelayMs: 60_000,
    })
    await review.start()
    permissions.answer = (_, __, at) =>
      permission(at >= recent.id.timestamp ? 'denied' : 'permitted', { validFrom: at, validTo: at + 1 })
    permissions.change('0xaa/load')
    await vi.waitFor(
      async () => expect((await store.get(recent.id))[0]).toMatchObject({ verdict: 'unauthorised' }),
      { timeout: 60_000 },
    )
    expect((await store.statistics())[0]?.verdicts.verified).toBe(30)
    await review.stop()
  })
})
