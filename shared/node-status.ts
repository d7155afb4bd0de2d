import type { StoreEngine } from './database.ts'
import type { EndpointHealth } from './environment.ts'
import type { Verdict } from './verdict.ts'

export interface NodeStatus {
  version: string
  environment: string
  address: string
  dataDir: string
  uptimeS: number
  messages: { stored: number } & Record<Verdict, number>
  chain: {
    height: number | null
    chainId: number
    reachable: boolean
    /** Origin of the endpoint in use. */
    rpcUrl: string
    endpoints: EndpointHealth[]
  }
  streamr: { connected: boolean; neighbours: number }
  peers: number
  diskBytes: number
  diskFreeBytes: number
  alertsFiring: number
  lastMessageAt: number | null
  store: StoreState
  /** Sentences for the status bar: what does not work now and what to do. */
  problems: { code: string; message: string; remedy: string }[]
}

export interface Health {
  status: 'ok' | 'degraded'
  version: string
  uptimeS: number
  messages: { stored: number } & Record<Verdict, number>
  peers: number
  lastMessageAt: number | null
  store: StoreState
}

export interface StoreState {
  /** What keeps the messages. */
  engine: StoreEngine
  /** Messages that wait on this machine’s disk for a database server. */
  spooled: number
}

/** What the first line of `--headless --json` says; others script against it. */
export interface ReadyLine {
  ready: true
  url: string
  token: string
  pid: number
  dataDir: string
  address: string
  storageUrl: string
  network: NetworkDescription
  streams: string[]
}

/** Who may read the node's own metrics. */
export interface MetricsAccessView {
  /** Whoever is on this machine, without the token. */
  isOpen: boolean
  /** Opens `/metrics` and nothing else, until it is replaced. */
  token: string
  /** The file with the token. */
  file: string
}

/** Enough for another Streamr client to join the same network. */
export interface NetworkDescription {
  environment: string
  rpcUrl: string
  /** Further RPC endpoints, asked when the first does not answer. */
  rpcUrls?: string[]
  chainId: number
  theGraphUrl: string
  contracts: { streamRegistry: string; streamStorageRegistry: string; storageNodeRegistry: string }
  entryPoints: unknown[]
  /** Environment `local` only: an account with gas for whoever wants to join. */
  fundedPrivateKey?: string
}
