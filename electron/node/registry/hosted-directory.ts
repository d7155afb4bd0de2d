import { z } from 'zod'
import type { StreamPermissionView } from '../../../shared/stream.ts'
import type { StreamDirectory, StreamRecord } from '../ports.ts'
import type { HostedIndex } from './hosted-index.ts'
import type { RegistryNode } from './registry-queries.ts'
import { MAX_SHOWN_PERMISSIONS, toPermissionView, toStreamRecord } from './stream-directory.ts'

const MAX_STORAGE_NODES = 100
/** Streams assigned to one node that are asked for. */
const MAX_ASSIGNED = 1_000

const streamSchema = z.object({ id: z.string().min(1).max(1_024), metadata: z.string().max(65_536) })
const seconds = z.string().regex(/^\d{1,78}$/)
const address = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/)
  .max(8_194)
  .transform((text) => text.toLowerCase())
const permissionsSchema = z.object({
  stream: z
    .object({
      permissions: z.array(
        z.object({
          userId: address,
          canEdit: z.boolean(),
          canDelete: z.boolean(),
          canGrant: z.boolean(),
          publishExpiration: seconds,
          subscribeExpiration: seconds,
        }),
      ),
    })
    .nullable(),
})
const storageSchema = z.object({
  stream: z
    .object({
      storageNodes: z.array(z.object({ id: address, metadata: z.string().max(65_536), lastSeen: seconds })),
    })
    .nullable(),
})
const assignedSchema = z.object({ node: z.object({ storedStreams: z.array(streamSchema) }).nullable() })

function toNode({
  id,
  metadata,
  lastSeen,
}: {
  id: string
  metadata: string
  lastSeen: string
}): RegistryNode {
  return { id, metadata, lastSeen: Math.min(Number(lastSeen), Number.MAX_SAFE_INTEGER) }
}

/** Storage nodes of a stream as a hosted index has them; undefined when it cannot be asked. */
export async function hostedStorageNodes(
  hosted: HostedIndex,
  streamId: string,
  signal?: AbortSignal,
): Promise<RegistryNode[] | undefined> {
  const query = `{ stream(id: ${JSON.stringify(streamId)}) { storageNodes(first: ${MAX_STORAGE_NODES}) { id metadata lastSeen } } }`
  const answer = await hosted.ask(query, storageSchema, signal)
  return answer?.stream?.storageNodes.map(toNode)
}

/** Streams assigned to a node as a hosted index has them; undefined when it cannot be asked. */
export async function hostedAssignments(
  hosted: HostedIndex,
  nodeAddress: string,
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const query = `{ node(id: ${JSON.stringify(nodeAddress)}) { storedStreams(first: ${MAX_ASSIGNED}) { id metadata } } }`
  const answer = await hosted.ask(query, assignedSchema, signal)
  return answer?.node?.storedStreams.map(({ id }) => id)
}

/**
 * Search and permission lists of all streams of a large chain, of which the node’s own index has the user’s alone. What
 * the hosted index cannot say now is answered from what is known here.
 */
export function createHostedDirectory(hosted: HostedIndex, own: StreamDirectory): StreamDirectory {
  return {
    stream: (streamId, signal) => own.stream(streamId, signal),
    async permissions(streamId, signal): Promise<StreamPermissionView[]> {
      const known = await own.permissions(streamId, signal)
      const query = `{ stream(id: ${JSON.stringify(streamId)}) { permissions(first: ${MAX_SHOWN_PERMISSIONS}) { userId canEdit canDelete canGrant publishExpiration subscribeExpiration } } }`
      const answer = await hosted.ask(query, permissionsSchema, signal)
      if (!answer?.stream) return known
      const nowS = BigInt(Math.floor(Date.now() / 1_000))
      const listed = answer.stream.permissions.map(({ userId, ...rights }) =>
        toPermissionView({ grantee: userId, ...rights }, nowS),
      )
      // What the chain itself said stands before what was told about it.
      const first = new Set(known.map(({ publisher }) => publisher))
      return [...known, ...listed.filter(({ publisher }) => !first.has(publisher))]
    },
    async search(term, limit, signal): Promise<StreamRecord[]> {
      const query = `{ streams(first: ${limit}, where: { idAsString_contains: ${JSON.stringify(term)} }) { id metadata } }`
      const answer = await hosted.ask(query, z.object({ streams: z.array(streamSchema) }), signal)
      return answer === undefined ? own.search(term, limit, signal) : answer.streams.map(toStreamRecord)
    },
  }
}
