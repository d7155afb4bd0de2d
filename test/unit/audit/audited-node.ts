import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Wallet } from 'ethers'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import type { DecodedMessage } from '../../../electron/node/message/stream-message.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { PermissionAnswer, RawMessage } from '../../../electron/node/ports.ts'
import { type AuditDesk, createAuditDesk } from '../../../electron/node/provenance/audit/audit-desk.ts'
import { createVerifierPool, type VerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { AuditReport } from '../../../shared/audit-report.ts'
import type { MessageRef } from '../../../shared/message.ts'
import { noContracts, permission, SettablePermissions, silentLogger } from '../provenance/fakes.ts'
import { CONTENT, createSigner, type Signer, signedMessage } from '../provenance/signers.ts'

export const STREAM_ID = '0xaa/load'
export const PART = `${STREAM_ID}#0`
export const START = 1_700_000_000_000
const NODE_KEY = `0x${'42'.repeat(32)}`
const wallet = new Wallet(NODE_KEY)

export const NETWORK = {
  chainId: 31_337,
  contracts: {
    streamRegistry: `0x${'01'.repeat(20)}`,
    streamStorageRegistry: `0x${'02'.repeat(20)}`,
    storageNodeRegistry: `0x${'03'.repeat(20)}`,
  },
}

/** Store, verifier and audits of a node, in a folder of their own. */
export interface AuditedNode {
  folder: string
  store: SqliteStore
  pool: VerifierPool
  permissions: SettablePermissions
  audits: AuditDesk
  clock: { now(): number }
  /** Another desk over the same folder, as after a restart. */
  openDesk(): Promise<AuditDesk>
  ingest(messages: readonly RawMessage[]): Promise<void>
  /** Audits a range to its end. */
  audit(range: { from: number; to: number }): Promise<AuditReport>
  stop(): Promise<void>
}

export async function startAuditedNode(now = START + 86_400_000): Promise<AuditedNode> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-audit-'))
  const clock = { now: () => now }
  const store = await openSqliteStore({ file: join(folder, 'store.sqlite'), logger: silentLogger, clock })
  const permissions = new SettablePermissions()
  const pool = createVerifierPool({
    store,
    permissions,
    contractSignatures: noContracts,
    logger: silentLogger,
    workers: 1,
  })
  await pool.start()
  const desks: AuditDesk[] = []
  const openDesk = async () => {
    const desk = createAuditDesk({
      folder: join(folder, 'audits'),
      store,
      verifier: pool,
      permissions,
      network: NETWORK,
      address: wallet.address,
      sign: async (text) => (await wallet.signMessage(text)).slice(2),
      version: 'test',
      onChange: () => undefined,
      clock,
      logger: silentLogger,
    })
    await desk.start()
    desks.push(desk)
    return desk
  }
  const audits = await openDesk()
  return {
    ...{ folder, store, pool, permissions, audits, clock, openDesk },
    async ingest(messages) {
      await pool.ingestAll(messages)
    },
    async audit(range) {
      const { id } = await audits.begin({ part: PART, ...range, intervalMs: 1_000 })
      await ended(audits, id)
      return JSON.parse(await audits.report(id)) as AuditReport
    },
    async stop() {
      for (const desk of desks) await desk.stop()
      await pool.stop()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when the audit does not run any more. @throws Error when it failed */
export async function ended(audits: AuditDesk, id: string): Promise<void> {
  while (audits.get(id).status === 'running') await new Promise((resolve) => setTimeout(resolve, 5))
  const { status, problem } = audits.get(id)
  if (status === 'failed') throw new Error(problem?.message)
}

export interface SourceShape {
  at: number
  sequence?: number
  previous?: MessageRef | undefined
  text?: string
  chain?: string
  source?: string
  receivedAt?: number
}

/** A publisher that signs messages of one chain. */
export class Publisher {
  readonly signer: Signer
  readonly chain: string
  #last: MessageRef | undefined

  constructor(chain = 'chain', signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)) {
    this.signer = signer
    this.chain = chain
  }

  get address(): string {
    return this.signer.publisher
  }

  /** The next message of the chain. */
  async next(shape: SourceShape): Promise<RawMessage> {
    const previous = this.#last
    this.#last = { timestamp: shape.at, sequence: shape.sequence ?? 0 }
    return this.one({ previous, ...shape })
  }

  /** A message that does not move the chain. */
  async one(shape: SourceShape): Promise<RawMessage> {
    const message = await this.signed(shape)
    return rawOf(message, shape)
  }

  signed({
    at,
    sequence = 0,
    previous,
    text = `{"n":${at}}`,
    chain = this.chain,
  }: SourceShape): Promise<DecodedMessage> {
    return signedMessage(this.signer, {
      id: { streamId: STREAM_ID, partition: 0, timestamp: at, sequence, publisher: this.address, chain },
      previous,
      body: { ...CONTENT, content: new TextEncoder().encode(text) },
    })
  }
}

export function rawOf(
  message: DecodedMessage,
  { at, source = 'live', receivedAt = at }: SourceShape,
): RawMessage {
  return { bytes: encodeStreamMessage(message), source, receivedAt }
}

export function answer(state: PermissionAnswer['state'], block: number, span: { from: number; to: number }) {
  return permission(state, {
    validFrom: span.from,
    validTo: span.to,
    evidence: {
      chainId: NETWORK.chainId,
      contract: NETWORK.contracts.streamRegistry,
      block,
      blockTimestamp: span.from,
      transaction: `0x${block.toString(16).padStart(64, '0')}`,
      publisher: '',
      grantee: `0x${'00'.repeat(20)}`,
      publishExpiration: state === 'permitted' ? '99999999999' : '0',
    },
  })
}
