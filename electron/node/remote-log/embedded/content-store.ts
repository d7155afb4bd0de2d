import { type Address, addressOf, assertContentMatches, formatAddress } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import type { CallOptions, ContentStore } from '../ports.ts'

export const CONTENT_STORE_MIGRATIONS = [
  `CREATE TABLE block (address BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID`,
]

interface BlockRow extends SqlRow {
  content: Uint8Array
}

interface Waiting {
  address: Address
  content: Uint8Array
  resolve(): void
  reject(error: unknown): void
}

const INSERT = 'INSERT OR IGNORE INTO block (address, content) VALUES (?, ?)'

/**
 * A content store in one SQLite file. What is added while a commit is under way goes into the next commit
 * together, so that many adds at once cost one wait for the disk.
 */
class EmbeddedContentStore implements ContentStore {
  readonly #database: Database
  readonly #multiaddrs: readonly string[]
  #waiting: Waiting[] = []
  #committing = false

  constructor(database: Database, multiaddrs: readonly string[]) {
    this.#database = database
    this.#multiaddrs = multiaddrs
  }

  async add(content: Uint8Array, { signal }: CallOptions = {}): Promise<Address> {
    signal?.throwIfAborted()
    assertBlockFits(content)
    const address = addressOf(content)
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ address, content, resolve, reject })
      if (!this.#committing) void this.#commit()
    })
    return address
  }

  async get(address: Address, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const [row] = await this.#database.read<BlockRow>('SELECT content FROM block WHERE address = ?', address)
    if (row === undefined) {
      throw new RemoteLogError(
        'content-missing',
        `The content store does not hold ${formatAddress(address)}.`,
      )
    }
    assertBlockFits(row.content)
    assertContentMatches(address, row.content)
    return row.content
  }

  multiaddrs(): readonly string[] {
    return this.#multiaddrs
  }

  async #commit(): Promise<void> {
    this.#committing = true
    // Leaves the adds of this turn of the event loop time to come together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#database.write([
          { sql: INSERT, rows: batch.map(({ address, content }) => [address, content]) },
        ])
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#committing = false
  }
}

export interface EmbeddedContentStoreOptions {
  /** A file opened with `CONTENT_STORE_MIGRATIONS`. Several processes may open it. */
  database: Database
  /** Where others reach the same file, if they can. */
  multiaddrs?: readonly string[]
}

export function createEmbeddedContentStore(options: EmbeddedContentStoreOptions): ContentStore {
  return new EmbeddedContentStore(options.database, options.multiaddrs ?? [])
}
