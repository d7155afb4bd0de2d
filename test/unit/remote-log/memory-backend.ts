import { type Address, addressOf, formatAddress } from '../../../electron/node/remote-log/address.ts'
import { RemoteLogError } from '../../../electron/node/remote-log/errors.ts'
import type { ContentStore, NameSystem } from '../../../electron/node/remote-log/ports.ts'

/** A content store and a name system whose insides a test can see and change. */
export interface MemoryBackend {
  content: ContentStore
  names: NameSystem
  /** By text form of the address. */
  blocks: Map<string, Uint8Array>
  heads: Map<string, Uint8Array>
  multiaddrs: string[]
}

export function createMemoryBackend(): MemoryBackend {
  const blocks = new Map<string, Uint8Array>()
  const heads = new Map<string, Uint8Array>()
  const multiaddrs: string[] = []
  return {
    blocks,
    heads,
    multiaddrs,
    content: {
      async add(content: Uint8Array): Promise<Address> {
        const address = addressOf(content)
        blocks.set(formatAddress(address), Uint8Array.from(content))
        return address
      },
      async get(address: Address): Promise<Uint8Array> {
        const content = blocks.get(formatAddress(address))
        if (content === undefined) throw new RemoteLogError('content-missing', 'not here')
        return content
      },
      multiaddrs: () => multiaddrs,
    },
    names: {
      async update(name, content) {
        heads.set(name, Uint8Array.from(content))
      },
      async fetch(name) {
        const content = heads.get(name)
        if (content === undefined) throw new RemoteLogError('name-missing', 'not here')
        return content
      },
    },
  }
}
