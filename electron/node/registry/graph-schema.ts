import { buildSchema, type GraphQLSchema } from 'graphql'
import { z } from 'zod'
import type { RegistryIndex } from './registry-index.ts'
import type { RegistryNode, RegistryPermission, RegistryStream, RightsCondition } from './registry-queries.ts'

/**
 * The part of the Streamr subgraph's schema that the SDK asks for. `orderBy` is text there, not an enum, because
 * the SDK writes it in quotes; every list is ordered by id whatever it says.
 */
const SCHEMA = `
type Query {
  stream(id: ID!): Stream
  streams(first: Int, orderBy: String, where: StreamFilter): [Stream!]!
  streamPermissions(first: Int, orderBy: String, where: StreamPermissionFilter!): [StreamPermission!]!
  node(id: ID!): Node
  nodes(first: Int, orderBy: String, where: IdFilter): [Node!]!
  operators(first: Int, orderBy: OperatorOrder, orderDirection: Direction, where: OperatorFilter): [Operator!]!
  _meta: Meta
}
type Stream {
  id: ID!
  idAsString: String!
  metadata: String!
  permissions(first: Int, orderBy: String, where: IdFilter): [StreamPermission!]!
  storageNodes(first: Int, orderBy: String, where: IdFilter): [Node!]!
}
type StreamPermission {
  id: ID!
  userId: String!
  stream: Stream
  canEdit: Boolean!
  canDelete: Boolean!
  publishExpiration: String!
  subscribeExpiration: String!
  canGrant: Boolean!
}
type Node {
  id: ID!
  metadata: String!
  lastSeen: String!
  storedStreams(first: Int, orderBy: String, where: IdFilter): [Stream!]!
}
type Operator { id: ID! latestHeartbeatMetadata: String! }
enum OperatorOrder { latestHeartbeatTimestamp }
enum Direction { asc desc }
type Meta { block: Block! hasIndexingErrors: Boolean! }
type Block { number: Int! timestamp: Int }
input OperatorFilter { latestHeartbeatMetadata_contains: String latestHeartbeatTimestamp_gt: String }
input IdFilter { id_gt: ID }
input StreamFilter { id_gt: ID idAsString_contains: String permissions_: PermissionFilter }
input StreamPermissionFilter { id_gt: ID stream: ID! publishExpiration_gt: String subscribeExpiration_gt: String }
input PermissionFilter {
  userId: String
  userId_in: [String!]
  canEdit: Boolean
  canDelete: Boolean
  canGrant: Boolean
  publishExpiration_gt: String
  subscribeExpiration_gt: String
  and: [PermissionFilter!]
  or: [PermissionFilter!]
}
`

/** The Graph's own page size when none is asked for. */
const DEFAULT_PAGE_ROWS = 100

interface ListArguments {
  first?: number | null
  where?: { id_gt?: string | null } | null
}

interface PermissionFilter {
  userId?: string | null
  userId_in?: string[] | null
  canEdit?: boolean | null
  canDelete?: boolean | null
  canGrant?: boolean | null
  publishExpiration_gt?: string | null
  subscribeExpiration_gt?: string | null
  and?: PermissionFilter[] | null
  or?: PermissionFilter[] | null
}

const secondsSchema = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform((text) => Math.min(Number(text), Number.MAX_SAFE_INTEGER))

function toSeconds(text: string | null | undefined): number | undefined {
  return text === null || text === undefined ? undefined : secondsSchema.parse(text)
}

function toPage({ first, where }: ListArguments): { limit: number; after: string } {
  return { limit: first ?? DEFAULT_PAGE_ROWS, after: where?.id_gt ?? '' }
}

function toCondition(filter: PermissionFilter): RightsCondition {
  const grantees = [
    ...(filter.userId_in ?? []),
    ...(typeof filter.userId === 'string' ? [filter.userId] : []),
  ]
  const asked = typeof filter.userId === 'string' || Array.isArray(filter.userId_in)
  return {
    granteeIn: asked ? grantees.map((grantee) => grantee.toLowerCase()) : undefined,
    canEdit: filter.canEdit ?? undefined,
    canDelete: filter.canDelete ?? undefined,
    canGrant: filter.canGrant ?? undefined,
    publishAfter: toSeconds(filter.publishExpiration_gt),
    subscribeAfter: toSeconds(filter.subscribeExpiration_gt),
    and: filter.and?.map(toCondition),
    or: filter.or?.map(toCondition),
  }
}

/** Ids of permissions are made of both parts, as in the subgraph; a page goes on after the grantee in it. */
function permissionId(streamId: string, grantee: string): string {
  return `${streamId}-${grantee}`
}

function granteeAfter(streamId: string, idAfter: string): string {
  return idAfter.startsWith(`${streamId}-`) ? idAfter.slice(streamId.length + 1) : ''
}

export function graphSchema(): GraphQLSchema {
  return buildSchema(SCHEMA)
}

/** Resolvers over the index. Fields that nobody asks for are not read. */
export class GraphRoot {
  readonly #index: RegistryIndex

  constructor(index: RegistryIndex) {
    this.#index = index
  }

  async stream({ id }: { id: string }) {
    const stream = await this.#index.stream(id)
    return stream === undefined ? null : this.#toStream(stream)
  }

  async streams(
    args: ListArguments & {
      where?: { idAsString_contains?: string | null; permissions_?: PermissionFilter | null } | null
    },
  ) {
    const { where } = args
    const permitted = where?.permissions_
    const streams = await this.#index.searchStreams({
      ...toPage(args),
      term: where?.idAsString_contains ?? undefined,
      permitted: permitted === null || permitted === undefined ? undefined : toCondition(permitted),
    })
    return streams.map((stream) => this.#toStream(stream))
  }

  async streamPermissions(
    args: ListArguments & {
      where: {
        stream: string
        publishExpiration_gt?: string | null
        subscribeExpiration_gt?: string | null
      }
    },
  ) {
    const { stream: streamId, publishExpiration_gt, subscribeExpiration_gt } = args.where
    const publishAfter = toSeconds(publishExpiration_gt)
    const subscribeAfter = toSeconds(subscribeExpiration_gt)
    const { limit, after } = toPage(args)
    const permissions = await this.#index.permissions(streamId, {
      limit,
      after: granteeAfter(streamId, after),
      ...(publishAfter === undefined ? {} : { publishAfter }),
      ...(subscribeAfter === undefined ? {} : { subscribeAfter }),
    })
    return permissions.map((permission) => this.#toPermission(permission))
  }

  async node({ id }: { id: string }) {
    const node = await this.#index.node(id)
    return node === undefined ? null : this.#toNode(node)
  }

  async nodes(args: ListArguments) {
    return (await this.#index.nodes(toPage(args))).map((node) => this.#toNode(node))
  }

  /** Operators are in other contracts. The SDK asks for further entry points here and does well without. */
  operators() {
    return []
  }

  _meta() {
    const { headBlock, headTimestamp } = this.#index.status()
    if (headBlock === null) return null
    const timestamp = headTimestamp === null ? null : Math.floor(headTimestamp / 1_000)
    return { block: { number: headBlock, timestamp }, hasIndexingErrors: false }
  }

  #toStream({ id, metadata }: RegistryStream) {
    return {
      id,
      idAsString: id,
      metadata,
      permissions: async (args: ListArguments) => {
        const { limit, after } = toPage(args)
        const page = { limit, after: granteeAfter(id, after) }
        return (await this.#index.permissions(id, page)).map((permission) => this.#toPermission(permission))
      },
      storageNodes: async (args: ListArguments) =>
        (await this.#index.storageNodes(id, toPage(args))).map((node) => this.#toNode(node)),
    }
  }

  #toPermission(permission: RegistryPermission) {
    const { streamId, grantee, canEdit, canDelete, canGrant, publishExpiration, subscribeExpiration } =
      permission
    return {
      id: permissionId(streamId, grantee),
      userId: grantee,
      stream: () => this.stream({ id: streamId }),
      canEdit,
      canDelete,
      canGrant,
      publishExpiration,
      subscribeExpiration,
    }
  }

  #toNode({ id, metadata, lastSeen }: RegistryNode) {
    return {
      id,
      metadata,
      lastSeen: String(lastSeen),
      storedStreams: async (args: ListArguments) =>
        (await this.#index.assignments(id, toPage(args))).map((stream) => this.#toStream(stream)),
    }
  }
}
