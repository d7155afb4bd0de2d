import { type Address, addressOf, assertContentMatches, formatAddress } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import { CommitQueue } from '../database/commit-queue.ts'
import type { Database, SqlRow } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import type { CallOptions, ContentStore } from '../ports.ts'

export const CONTENT_STORE_MIGRATIONS = [
  `CREATE TABLE block (address BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID`,
]

interface BlockRow extends SqlRow {
  content: Uint8Array
}

/** A content store in one SQLite file. */
class EmbeddedContentStore implements ContentStore {
  readonly #database: Database
  readonly #commits: CommitQueue
  readonly #multiaddrs: readonly string[]

  constructor(database: Database, multiaddrs: readonly string[]) {
    this.#database = database
    this.#commits = new CommitQueue(database)
    this.#multiaddrs = multiaddrs
  }

  async add(content: Uint8Array, { signal }: CallOptions = {}): Promise<Address> {
    signal?.throwIfAborted()
    assertBlockFits(content)
    const address = addressOf(content)
    await this.#commits.run('INSERT OR IGNORE INTO block (address, content) VALUES (?, ?)', address, content)
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
}

export interface EmbeddedContentStoreOptions {
  /** A file opened with `CONTENT_STORE_MIGRATIONS`. Several processes may open it. */
  database: Database
  /** Where others reach the same content, if they can. */
  multiaddrs?: readonly string[]
}

export function createEmbeddedContentStore(options: EmbeddedContentStoreOptions): ContentStore {
  return new EmbeddedContentStore(options.database, options.multiaddrs ?? [])
}
