/**
 * What a node or an agent measures and publishes, as it stands in their configuration. The portal's form, the
 * configuration files and the API all check by these schemas.
 */
import { z } from 'zod'

export const SOURCE_KINDS = ['machine', 'evm', 'cometbft', 'solana', 'prometheus', 'clock'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

/** More sources than one machine has; each is a timer and a connection. */
export const MAX_SOURCES = 32
/** Names of one exporter that are listed to pick from. */
export const MAX_LISTED_METRICS = 2_000
/** Patterns of one Prometheus source. */
export const MAX_METRIC_PATTERNS = 64
export const MAX_PATTERN_LENGTH = 256
export const MIN_SOURCE_INTERVAL_MS = 1_000
export const MAX_SOURCE_INTERVAL_MS = 3_600_000
/** How long measurements may be kept back to be sent together. */
export const MAX_BATCH_MS = 3_600_000
const MAX_ADDRESS_LENGTH = 2_048
const MAX_HOST_LENGTH = 255

const httpAddress = z
  .string()
  .trim()
  .max(MAX_ADDRESS_LENGTH)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'an http or https address is expected')

/** Base58 of a 32-byte key, as Solana writes accounts. */
const solanaAccount = z
  .string()
  .trim()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'an account in base58 is expected')

/** `host`, `host:port` or `[v6]:port`. */
const HOST_AND_PORT = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?$/

const timeServer = z
  .string()
  .trim()
  .max(MAX_ADDRESS_LENGTH)
  .refine(
    (text) =>
      /^https?:$/.test(URL.parse(text)?.protocol ?? '') ||
      (text.length <= MAX_HOST_LENGTH &&
        HOST_AND_PORT.test(text) &&
        Number(/:(\d+)$/.exec(text)?.[1] ?? 1) <= 65_535),
    'a time server as host or host:port, or an http or https address is expected',
  )

export const sourceNameInput = z
  .string()
  .trim()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'up to 32 small letters, digits and dashes are expected')

const common = {
  /** Names the source among others; its readings stand under this name where several share a stream. */
  name: sourceNameInput,
  intervalMs: z.int().min(MIN_SOURCE_INTERVAL_MS).max(MAX_SOURCE_INTERVAL_MS).default(10_000),
  /** Each sample is put off by a random time up to this, so that a fleet does not speak at once. */
  jitterMs: z.int().min(0).max(MAX_SOURCE_INTERVAL_MS).default(0),
  /** Samples are kept back this long and sent together, each with its own time; 0 sends each at once. */
  batchMs: z.int().min(0).max(MAX_BATCH_MS).default(0),
}

const machineSource = z.strictObject({ ...common, kind: z.literal('machine') })
const evmSource = z.strictObject({ ...common, kind: z.literal('evm'), url: httpAddress })
const cometbftSource = z.strictObject({
  ...common,
  kind: z.literal('cometbft'),
  url: httpAddress,
  /** Consensus address of the validator to watch, 40 hex digits. */
  validator: z
    .string()
    .trim()
    .regex(/^[0-9a-fA-F]{40}$/, '40 hex digits are expected')
    .optional(),
})
const solanaSource = z.strictObject({
  ...common,
  kind: z.literal('solana'),
  url: httpAddress,
  /** Vote account of the validator to watch. */
  vote: solanaAccount.optional(),
  /** Account whose balance pays for votes. */
  identity: solanaAccount.optional(),
})
const prometheusSource = z.strictObject({
  ...common,
  kind: z.literal('prometheus'),
  url: httpAddress,
  /** What to pick: `*` stands for any text; matched against the name, or `name{label="value"}` where it holds a brace. */
  metrics: z.array(z.string().trim().min(1).max(MAX_PATTERN_LENGTH)).min(1).max(MAX_METRIC_PATTERNS),
})
const clockSource = z.strictObject({
  ...common,
  kind: z.literal('clock'),
  /** `host[:port]` is asked by SNTP; an http or https address is asked for its `Date`. */
  server: timeServer,
})

export const sourceSchema = z
  .discriminatedUnion('kind', [
    machineSource,
    evmSource,
    cometbftSource,
    solanaSource,
    prometheusSource,
    clockSource,
  ])
  .refine(({ jitterMs, intervalMs }) => jitterMs < intervalMs, {
    path: ['jitterMs'],
    message: 'jitter must be below the interval',
  })

export type SourceSettings = z.infer<typeof sourceSchema>
export type SourceInput = z.input<typeof sourceSchema>

export const sourceListSchema = z
  .array(sourceSchema)
  .max(MAX_SOURCES)
  .refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, {
    message: 'two sources have the same name',
  })

/** One source of this node, as it fares. */
export interface SourceView {
  settings: SourceSettings
  /** Samples taken since it was last changed or the node was started, and attempts that gave none. */
  measured: number
  failed: number
  lastMeasuredAt: number | null
  /** Why the newest attempt gave nothing. */
  problem: string | null
  /** What the newest sample lacks; null when it lacks nothing, or there is none yet. */
  missing: MissingReadings | null
}

/** Readings that were published as missing. */
export interface MissingReadings {
  count: number
  /** The fixed words that are published in their place, each once. */
  reasons: string[]
  /** The sample has no reading at all. */
  isEverything: boolean
}

/** What this node measures besides itself, and the stream it goes to. */
export interface SourcesView {
  sources: SourceView[]
  streamId: string
  /** `unknown`: the chain has not said whether the stream is there. Nothing is published before it is. */
  stream: 'unknown' | 'missing' | 'there'
  /** Measurements that wait to be published. */
  waiting: number
  problem: string | null
}

/** What an exporter offers, for patterns to be picked from. */
export interface MetricListing {
  /** Each name once, in their order, with how many label sets it has. */
  names: { name: string; count: number; help: string | null }[]
  /** More than are listed. */
  isCut: boolean
}

/** What a test of a source would publish, or why nothing could be measured. */
export interface SourceTrial {
  sample: Record<string, unknown> | null
  /** JSON Schema with titles and units of the sample. */
  schema: Record<string, unknown>
  /** Readings that are missing, by dotted path, with the fixed word that is published. */
  unavailable: Record<string, string>
  tookMs: number
}
