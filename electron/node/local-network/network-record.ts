import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import { writeFileAtomically } from '../../files/atomic-file.ts'

const address = z.string().regex(/^0x[0-9a-f]{40}$/)
const port = z.int().min(1).max(65_535)

const networkRecordSchema = z.object({
  version: z.literal(1),
  chain: z.object({
    port,
    /** The chain's process while it runs; a leftover of a killed Tidemark is known by it. */
    pid: z.int().positive().nullable(),
    /** Tells this chain from every other one: its genesis time is its own. */
    genesisHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  }),
  contracts: z
    .object({ streamRegistry: address, streamStorageRegistry: address, storageNodeRegistry: address })
    .nullable(),
  entryPoint: z.object({ nodeId: z.string().regex(/^[0-9a-f]{40}$/), port }).nullable(),
})

/** What the local network keeps about itself between starts, in `network.json`. */
export type NetworkRecord = z.infer<typeof networkRecordSchema>
export type ChainRecord = NetworkRecord['chain']
export type RegistryContracts = NonNullable<NetworkRecord['contracts']>

export class NetworkRecordFile {
  readonly #path: string
  #record: NetworkRecord | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, record: NetworkRecord | undefined) {
    this.#path = path
    this.#record = record
  }

  /** Reads the file; there is none on the first start. @throws TidemarkError `config-invalid` when it is damaged */
  static async open(path: string): Promise<NetworkRecordFile> {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new NetworkRecordFile(path, undefined)
      throw error
    }
    try {
      return new NetworkRecordFile(path, networkRecordSchema.parse(JSON.parse(text)))
    } catch (cause) {
      throw new TidemarkError(
        'config-invalid',
        `The record of the local network at ${path} is damaged.`,
        'Restore the file, or move the folder it is in away: a new local network is made then. Messages already stored stay.',
        { cause },
      )
    }
  }

  get current(): NetworkRecord | undefined {
    return this.#record
  }

  /** Replaces the record in memory at once and on disk before it resolves. */
  async write(record: NetworkRecord): Promise<void> {
    this.#record = networkRecordSchema.parse(record)
    const text = `${JSON.stringify(this.#record, undefined, 2)}\n`
    const written = this.#writing.then(() => writeFileAtomically(this.#path, text))
    this.#writing = written.catch(() => undefined)
    await written
  }
}
