import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StorageServer, startStorageServer } from '../../../electron/api/storage-http/storage-server.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { createVerifierPool, type VerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { type MessageRef, parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import { noContracts, SettablePermissions, silentLogger } from '../provenance/fakes.ts'
import { CONTENT, createSigner, type Signer, signedMessage } from '../provenance/signers.ts'

/** A node reduced to what storage needs: a real store, real verification, the real HTTP interface. */
export interface StoringNode {
  store: SqliteStore
  pool: VerifierPool
  server: StorageServer
  /** Stores raw messages as if they came over the network. */
  receive(messages: readonly Uint8Array[], receivedAt?: number): Promise<void>
  stored(part: StreamPartId): Promise<StoredMessage[]>
  close(): Promise<void>
}

export async function startStoringNode(): Promise<StoringNode> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-gaps-'))
  const logger = silentLogger
  const store = await openSqliteStore({
    file: join(folder, 'messages.sqlite'),
    clock: Date,
    logger,
    readers: 1,
  })
  const permissions = new SettablePermissions()
  const pool = createVerifierPool({ store, permissions, contractSignatures: noContracts, logger, workers: 1 })
  await pool.start()
  const server = await startStorageServer({ store, isStored: () => true, host: '127.0.0.1', port: 0, logger })
  return {
    store,
    pool,
    server,
    receive: async (messages, receivedAt = Date.now()) => {
      await pool.ingestAll(messages.map((bytes) => ({ bytes, source: 'live', receivedAt })))
    },
    stored: async (part) => {
      const all: StoredMessage[] = []
      for await (const batch of store.query({ part })) all.push(...batch)
      return all
    },
    close: async () => {
      await server.close()
      await pool.stop()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A publisher whose messages name their predecessors, ten milliseconds apart. */
export class ChainPublisher {
  readonly #signer: Signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
  readonly #part: StreamPartId
  readonly #chain: string
  #timestamp = Date.UTC(2026, 0, 5)
  #previous: MessageRef | undefined

  constructor(part: StreamPartId, chain = 'chain') {
    this.#part = part
    this.#chain = chain
  }

  async publish(count: number): Promise<Uint8Array[]> {
    const messages: Uint8Array[] = []
    for (let at = 0; at < count; at++) {
      this.#timestamp += 10
      const id = {
        ...parseStreamPartId(this.#part),
        timestamp: this.#timestamp,
        sequence: 0,
        publisher: this.#signer.publisher,
        chain: this.#chain,
      }
      const body = { ...CONTENT, content: Buffer.from(JSON.stringify({ t: this.#timestamp % 100 })) }
      const message = await signedMessage(this.#signer, { id, previous: this.#previous, body })
      messages.push(encodeStreamMessage(message))
      this.#previous = { timestamp: this.#timestamp, sequence: 0 }
    }
    return messages
  }
}
