import { z } from 'zod'
import type { RegistryIndex } from './registry-index.ts'
import type { RegistryNode } from './registry-queries.ts'
import { createStreamDirectory } from './stream-directory.ts'

/** Addresses one storage node may name; an owner who writes more is not taken at their word. */
const MAX_URLS = 8
const MAX_URL_LENGTH = 2_048
const PAGE_ROWS = 200
/** Storage nodes of one stream that are looked at. */
const MAX_STORAGE_NODES = 100

const addressesInput = z.array(z.string().max(MAX_URL_LENGTH)).max(MAX_URLS)
const metadataSchema = z.object({ urls: addressesInput })
/** Tidemark's own key beside Streamr's; other nodes leave it alone. */
const peerMetadataSchema = z.object({ multiaddrs: addressesInput })

export interface DirectoryNode {
  /** Lower-case 0x hex. */
  address: string
  urls: readonly string[]
}

/** Who stores what, as the registry's events say. */
export interface StorageDirectory {
  storageNodes(streamId: string): Promise<DirectoryNode[]>
  /** Streams assigned to a node that exist, with their partitions. */
  assignedStreams(
    nodeAddress: string,
    signal?: AbortSignal,
  ): AsyncIterable<{ id: string; partitions: number }>
  /** Multiaddrs that storage nodes other than `nodeAddress` name for their peers, of at most 200 nodes. */
  peerAddresses(nodeAddress: string): Promise<string[]>
  onChange(listener: (streamId: string) => void): () => void
}

/** Metadata that is not in the form that is looked for names no address. */
function parseMetadata<Metadata>({ metadata }: RegistryNode, schema: z.ZodType<Metadata>): Metadata | null {
  try {
    return schema.safeParse(JSON.parse(metadata)).data ?? null
  } catch {
    return null
  }
}

function urlsOf(node: RegistryNode): readonly string[] {
  return parseMetadata(node, metadataSchema)?.urls ?? []
}

export function createStorageDirectory(index: RegistryIndex): StorageDirectory {
  const streams = createStreamDirectory(index)
  return {
    async storageNodes(streamId) {
      const nodes = await index.storageNodes(streamId, { limit: MAX_STORAGE_NODES })
      return nodes.map((node) => ({ address: node.id.toLowerCase(), urls: urlsOf(node) }))
    },
    async *assignedStreams(nodeAddress, signal) {
      let after: string | undefined
      do {
        signal?.throwIfAborted()
        const page = await index.assignments(nodeAddress, {
          ...(after === undefined ? {} : { after }),
          limit: PAGE_ROWS,
        })
        for (const { id } of page) {
          const record = await streams.stream(id, signal)
          if (record !== null) yield { id, partitions: record.partitions }
        }
        after = page.length < PAGE_ROWS ? undefined : page.at(-1)?.id
      } while (after !== undefined)
    },
    async peerAddresses(nodeAddress) {
      const nodes = await index.nodes({ limit: PAGE_ROWS })
      return nodes
        .filter(({ id }) => id.toLowerCase() !== nodeAddress.toLowerCase())
        .flatMap((node) => parseMetadata(node, peerMetadataSchema)?.multiaddrs ?? [])
    },
    onChange: (listener) => index.onChange(listener),
  }
}
