import type { Libp2p } from '@libp2p/interface'

export interface OwnHost {
  get(): Promise<Libp2p>
  stop(): Promise<void>
}

/** A libp2p host of the remote log's own on loopback, for nodes that have no other; started when it is asked for. */
export function createOwnHost(): OwnHost {
  let host: Promise<Libp2p> | null = null
  return {
    get() {
      host ??= (async () => {
        const { createLibp2p } = await import('libp2p')
        const { createHostOptions } = await import('./remote-log/ipfs/host-options.ts')
        return createLibp2p(createHostOptions({ listen: ['/ip4/127.0.0.1/tcp/0'] }))
      })()
      return host
    },
    async stop() {
      await (await host)?.stop()
    },
  }
}
