/** The Streamr environments a node can work in: a chain with the registries, and the network its streams are on. */
import { z } from 'zod'

export const ENVIRONMENTS = ['local', 'polygon', 'amoy', 'peaq', 'iotex', 'custom'] as const
export type EnvironmentName = (typeof ENVIRONMENTS)[number]
export type PublicEnvironment = Exclude<EnvironmentName, 'local' | 'custom'>

/** RPC endpoints of one chain; each is tried in turn while none answers. */
export const MAX_RPC_ENDPOINTS = 8
export const MAX_ENTRY_POINTS = 16
const MAX_URL_LENGTH = 2_048

export const httpUrlInput = z
  .string()
  .trim()
  .max(MAX_URL_LENGTH)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http or https address')
const contractAddress = z
  .string()
  .trim()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits')
  .transform((text) => text.toLowerCase())

export const rpcUrlsInput = z.array(httpUrlInput).min(1).max(MAX_RPC_ENDPOINTS)

const entryPointInput = z.object({
  nodeId: z.string().regex(/^[0-9a-fA-F]{40}$/, 'must be 40 hex digits'),
  websocket: z.object({
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65_535),
    tls: z.boolean(),
  }),
})

/** A network that is in no list: who has it describes it. */
export const customNetworkInput = z.strictObject({
  chainId: z.int().positive(),
  rpcUrls: rpcUrlsInput,
  contracts: z.strictObject({
    streamRegistry: contractAddress,
    streamStorageRegistry: contractAddress,
    storageNodeRegistry: contractAddress,
  }),
  entryPoints: z.array(entryPointInput).max(MAX_ENTRY_POINTS),
  /** A hosted index in the form of The Graph; null where the node’s own has to do. */
  theGraphUrl: httpUrlInput.nullable().default(null),
  /** Block the contracts were made in, or a later one: what lies before it is not read. */
  startBlock: z.int().min(0).default(0),
})
export type CustomNetwork = z.infer<typeof customNetworkInput>

export const environmentInput = z.enum(ENVIRONMENTS)

/** What is known of an environment before it is used. */
export interface EnvironmentDescription {
  name: EnvironmentName
  title: string
  /** Null where it is not known before the start. */
  chainId: number | null
  /** What gas is paid in there. */
  currency: string
  /** Endpoints in the order of preference, as they would be used. */
  rpcUrls: string[]
  /** Whether these are the user’s own. */
  ownRpcUrls: boolean
  hasHostedIndex: boolean
  /** Set when it cannot be chosen yet, in words. */
  lacks: string | null
}

export interface EndpointHealth {
  /** Origin of the endpoint’s address; the rest may carry a key. */
  url: string
  ok: boolean
  failuresInARow: number
  /** What went wrong last, in words; `null` while it works. */
  problem: string | null
}

/** How the node stands in its environment, and what it will do at the next start. */
export interface EnvironmentView {
  running: EnvironmentName
  chosen: EnvironmentName
  /** Nobody has chosen yet: the node began with the local network by itself. */
  isFirstRun: boolean
  /** What was chosen is used from the next start on. */
  needsRestart: boolean
  environments: EnvironmentDescription[]
  custom: CustomNetwork | null
  endpoints: EndpointHealth[]
}
