/** What the portal can write into Streamr's registry in this node's name, and what it shows of a stream there. */
import { z } from 'zod'
import { streamIdInput } from './inputs.ts'
import type { StreamPermissionView } from './stream.ts'

/** The network's own bound on a stream’s partitions. */
export const MAX_STREAM_PARTITIONS = 100
const MAX_PATH_LENGTH = 512
const MAX_DESCRIPTION_LENGTH = 1_000
const MAX_USER_ID_LENGTH = 2 + 2 * 2_592

export const STREAM_RIGHTS = ['publish', 'subscribe', 'edit', 'delete', 'grant'] as const
export type StreamRight = (typeof STREAM_RIGHTS)[number]

const address = z
  .string()
  .trim()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits')
  .transform((text) => text.toLowerCase())
const grantee = z.union([
  z.literal('public'),
  z
    .string()
    .trim()
    .max(MAX_USER_ID_LENGTH)
    .regex(/^0x([0-9a-fA-F]{2})+$/, 'must be an address, or “public”')
    .transform((text) => text.toLowerCase()),
])
const publicRights = z.array(z.enum(['publish', 'subscribe'])).max(2)

export const registryChangeInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('create'),
    /** `/path` under this node’s address, or `name.eth/path` under an ENS name of its account. */
    path: z
      .string()
      .trim()
      .min(2)
      .max(MAX_PATH_LENGTH)
      .regex(/^([a-z0-9-]+\.)*[a-z0-9-]*\/[A-Za-z0-9._/-]+$/, 'must be like /path or name.eth/path'),
    description: z.string().trim().max(MAX_DESCRIPTION_LENGTH),
    partitions: z.int().min(1).max(MAX_STREAM_PARTITIONS),
    publicRights,
  }),
  /** The grantee has these rights afterwards, and no others; none takes all of them away. */
  z.strictObject({
    kind: z.literal('rights'),
    streamId: streamIdInput,
    grantee,
    rights: z.array(z.enum(STREAM_RIGHTS)).max(STREAM_RIGHTS.length),
  }),
  z.strictObject({
    kind: z.literal('storage'),
    streamId: streamIdInput,
    nodeAddress: address,
    assigned: z.boolean(),
  }),
])
export type RegistryChange = z.infer<typeof registryChangeInput>

export interface StorageNodeView {
  /** Lower-case 0x hex. */
  address: string
  urls: readonly string[]
  isThisNode: boolean
}

/** One stream as the registry has it, and what this node has to do with it. */
export interface RegistryStreamView {
  streamId: string
  /** Null when the registry has no such stream, as far as it is known here. */
  partitions: number | null
  /** The ENS name or the address before the path; null for ids of another form. */
  owner: { name: string; isEns: boolean } | null
  metadata: Record<string, unknown>
  permissions: StreamPermissionView[]
  storageNodes: StorageNodeView[]
  /** Partitions this node keeps, and why. */
  kept: { partition: number; subscribed: boolean; assigned: boolean; messages: number; publishers: number }[]
  /** Address of this node, whose rights decide what it may change. */
  nodeAddress: string
}
