import { MAX_NODES } from './limits.ts'
import type { StorageNode, StorageNodeDirectory } from './ports.ts'

/** The storage nodes of a stream that can be asked: all but this one. */
export class OtherNodes {
  readonly #directory: StorageNodeDirectory
  readonly #ownAddress: string
  /** What was known of a stream's nodes when they were asked last. */
  readonly #asked = new Map<string, string>()

  constructor(directory: StorageNodeDirectory, ownAddress: string) {
    this.#directory = directory
    this.#ownAddress = ownAddress
  }

  /** In an order that differs each time, so that not everybody asks the same node first. */
  async list(streamId: string, signal: AbortSignal): Promise<StorageNode[]> {
    const nodes = await this.#read(streamId, signal)
    this.#asked.set(streamId, JSON.stringify(nodes))
    return nodes.toSorted(() => Math.random() - 0.5).slice(0, MAX_NODES)
  }

  /** Whether other nodes, or other addresses of them, are known than when they were asked last. */
  async haveChanged(streamId: string, signal: AbortSignal): Promise<boolean> {
    const asked = this.#asked.get(streamId)
    return asked !== undefined && asked !== JSON.stringify(await this.#read(streamId, signal))
  }

  forget(streamId: string): void {
    this.#asked.delete(streamId)
  }

  async #read(streamId: string, signal: AbortSignal): Promise<StorageNode[]> {
    const nodes = await this.#directory.storageNodes(streamId, signal)
    return nodes.filter(({ address }) => address.toLowerCase() !== this.#ownAddress)
  }
}
