/** Remote logs as they cross the border: addresses as CIDs in text, ids of messages as lower-case hex. */
import { z } from 'zod'
import type { ErrorView } from './errors.ts'
import { partInput } from './inputs.ts'
import type { MessageId } from './message.ts'
import type { Verdict } from './verdict.ts'

/** The three modes of 3/REMOTE-LOG and their mix. */
export const REMOTE_LOG_MODES = ['mixed', 'full', 'mapped', 'linked'] as const
export type RemoteLogMode = (typeof REMOTE_LOG_MODES)[number]

/** As the wire's own bound on names (`electron/node/remote-log/bounds.ts`). */
const MAX_LOG_NAME_LENGTH = 512
const MAX_PATH_LENGTH = 4_096
const MAX_URL_LENGTH = 2_048
const MAX_TOKEN_LENGTH = 512
/** A head holds a page and the newest k, and has to be readable as a page. */
const MAX_PAGE_SIZE = 2_048
const MAX_EMBED_NEWEST = 1_024

export const logNameInput = z
  .string()
  .trim()
  .max(MAX_LOG_NAME_LENGTH)
  .regex(/^[\w.~:/#@-]+$/, 'a name has letters, digits or any of . _ ~ : / # @ -')

/**
 * Who keeps a log: its content store and its name system. `embedded`: this node's data folder. `folder`: a folder
 * that others can read as well. `twirp`: the services of 3/REMOTE-LOG over HTTP. `ipfs`: blocks over Bitswap and
 * IPNS names, on this node's own libp2p.
 */
export const keeperInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('embedded') }),
  z.strictObject({ kind: z.literal('folder'), path: z.string().min(1).max(MAX_PATH_LENGTH) }),
  z.strictObject({
    kind: z.literal('twirp'),
    url: z
      .url({ protocol: /^https?$/, error: 'an address that begins with http:// or https://' })
      .max(MAX_URL_LENGTH)
      .transform((url) => url.replace(/\/+$/, '')),
  }),
  z.strictObject({ kind: z.literal('ipfs') }),
])
export type Keeper = z.infer<typeof keeperInput>

export const logInput = z.object({ name: logNameInput, keeper: keeperInput })
export type LogRef = z.infer<typeof logInput>

export const publishInput = z.object({
  part: partInput,
  /** Left out: one that follows from the stream part, or a new IPNS name. */
  name: logNameInput.optional(),
  keeper: keeperInput,
  mode: z.enum(REMOTE_LOG_MODES).default('mixed'),
  pageSize: z.int().min(1).max(MAX_PAGE_SIZE).default(512),
  embedNewest: z.int().min(1).max(MAX_EMBED_NEWEST).default(16),
  /** What a twirp server wants from those who write. */
  writeToken: z.string().min(1).max(MAX_TOKEN_LENGTH).optional(),
})
export type PublishRequest = z.infer<typeof publishInput>

export interface PublishedLogView extends LogRef {
  part: string
  mode: RemoteLogMode
  pageSize: number
  embedNewest: number
  messages: number
  pages: number
  /** Of all closed pages. */
  pageBytes: number
  pendingUploads: number
  head: { address: string; sizeBytes: number; newest: string; publishedAt: number } | null
  /** The name leads to everything the log holds. */
  isCurrent: boolean
  isPublishing: boolean
  problem: ErrorView | null
}

export interface LogFindingView {
  foundAt: number
  kind: string
  sentence: string
}

/** One run over a log: what it brought so far. */
export interface RestoreProgressView {
  restored: Record<Verdict | 'refused', number>
  duplicates: number
  failed: number
  pagesRead: number
  blocksRead: number
  bytesRead: number
  /** Time of the oldest message reached, ms: the run goes back in time. */
  reachedBack: number | null
}

export interface RestoreReportView extends RestoreProgressView {
  part: string | null
  messages: number
  pages: number
  isComplete: boolean
  findings: { kind: string; sentence: string }[]
}

/** What a long run tells: how far it is, then what came of it. */
export type RestoreEvent =
  | { kind: 'progress'; progress: RestoreProgressView }
  | { kind: 'report'; report: RestoreReportView }

export interface FollowedLogView extends LogRef {
  part: string | null
  /** The name is asked for news; otherwise the log is read on request. */
  isFollowed: boolean
  head: { address: string; sizeBytes: number; newest: string | null; fetchedAt: number | null } | null
  /** Multiaddrs of the content store, as the head names them. */
  cas: readonly string[]
  messages: number
  pages: number
  pagesToRead: number
  messagesMissing: number
  isReading: boolean
  progress: RestoreProgressView | null
  findings: LogFindingView[]
  problem: ErrorView | null
}

export interface RemoteLogList {
  published: PublishedLogView[]
  followed: FollowedLogView[]
}

/** A page, or the head a name leads to. Newest message first. */
export interface PageView extends LogRef {
  address: string
  isHead: boolean
  sizeBytes: number
  entries: PageEntryView[]
  /** Address of the page before. */
  tail: string | null
  cas: readonly string[]
}

export interface PageEntryView {
  /** MVDS id. */
  message: string
  address: string | null
  isEmbedded: boolean
  sizeBytes: number | null
  /** Of the stream message inside, where it is embedded. */
  id: MessageId | null
}

/** Where a message stands in a log: what is cited beside it. */
export interface CitationView extends LogRef {
  /** MVDS id of the message. */
  message: string
  /** The closed page it is on; null while it is on the head, to which the name alone leads. */
  page: string | null
  /** Place in the log, counted from 1; null where the log is another's. */
  number: number | null
}

export interface BackupProgressView {
  blocks: number
  messages: number
  sizeBytes: number
}

export type BackupEvent =
  | { kind: 'progress'; progress: BackupProgressView }
  | { kind: 'done'; file: string; progress: BackupProgressView }

/** In words, for lists and sentences: `embedded`, `folder:/srv/logs`, `https://log.example`, `ipfs`. */
export function keeperText(keeper: Keeper): string {
  switch (keeper.kind) {
    case 'embedded':
    case 'ipfs':
      return keeper.kind
    case 'folder':
      return `folder:${keeper.path}`
    case 'twirp':
      return keeper.url
  }
}

/** Reads what `keeperText` writes; null when it is none. */
export function parseKeeper(text: string): Keeper | null {
  const candidate =
    text === 'embedded' || text === 'ipfs'
      ? { kind: text }
      : text.startsWith('folder:')
        ? { kind: 'folder', path: text.slice('folder:'.length) }
        : { kind: 'twirp', url: text }
  const result = keeperInput.safeParse(candidate)
  return result.success ? result.data : null
}

/** Where this node serves its own keeper over HTTP. */
export interface LogServerSettings {
  host: string
  /** 0: any free one. */
  port: number
  /** Who presents it may write; null: reading only. */
  writeToken: string | null
}

export interface LogServerView {
  settings: LogServerSettings | null
  /** Base address for clients, while it is served. */
  url: string | null
  problem: ErrorView | null
}

/** How paired nodes send: offered first, and sent when asked for; or sent at once. */
export const SYNC_MODES = ['interactive', 'batch'] as const
export type SyncMode = (typeof SYNC_MODES)[number]

export interface PairedNodeView {
  /** libp2p peer id. */
  peer: string
  label: string
  pairedAt: number
  isConnected: boolean
  /** Offered or sent to it, and not acknowledged yet. */
  toSend: number
  /** Asked of it, and not here yet. */
  toReceive: number
}

/** What a node shows so that another can pair with it; good once, and not for long. */
export interface InvitationView {
  code: string
  link: string
  expiresAt: number
}

export interface SyncView {
  mode: SyncMode
  invitation: InvitationView | null
  nodes: PairedNodeView[]
}
