import { z } from 'zod'
import { FINDING_KINDS } from './audit.ts'
import {
  MAX_STORAGE_PROOFS,
  STORAGE_ABSENCES,
  type StorageAbsence,
  storageProofSchema,
} from './storage-proof.ts'
import type { VERDICTS } from './verdict.ts'

/**
 * An audit report. JSON with the keys below in this order, each once, and nothing else; white space
 * between them is free. `body` follows from the audited messages and the registry alone, so that two audits of the
 * same data have the same body, byte for byte. `bodyDigest` is the SHA-256 of the body as JSON without white space;
 * `signature` is an Ethereum-style signature (EIP-191) of the node over the text that `reportStatement` makes. Version 2
 * adds `beside`: what depends on who could be reached when the report was made. Version 1 is read as before.
 */
export const AUDIT_REPORT_KIND = 'tidemark-audit-report'
export const AUDIT_REPORT_VERSION = 2

/** Most bytes of a report: what a checker reads into memory at once. */
export const MAX_REPORT_BYTES = 67_108_864

/** Most publishers, chains and findings in a report, and messages shown of one finding. What is left out is counted. */
export const MAX_REPORT_PUBLISHERS = 10_000
export const MAX_REPORT_CHAINS = 5_000
export const MAX_FINDINGS_PER_KIND = 250
export const MAX_FINDING_EXAMPLES = 20
/** Rights of one publisher that are listed one after the other. */
export const MAX_REPORT_RIGHTS = 64

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
const address = z.string().regex(/^0x[0-9a-f]{40}$/)
const publisher = z
  .string()
  .max(6_000)
  .regex(/^0x[0-9a-f]*$/)
const whole = z.int().min(0)
const time = z.int().min(0).max(8_640_000_000_000_000)
const share = z.string().regex(/^[01]\.\d{6}$/)
const ref = z.strictObject({ timestamp: time, sequence: whole })
const chain = z.string().max(256)
const verdictCounts = z.strictObject({
  verified: whole,
  pending: whole,
  unauthorised: whole,
  forged: whole,
} satisfies Record<(typeof VERDICTS)[number], z.ZodType>)

const rightSchema = z.strictObject({
  state: z.enum(['permitted', 'denied', 'expired', 'unknown', 'no-stream']),
  /** Message times it was asked for: first included, last not. */
  from: time,
  to: time,
  evidence: z
    .strictObject({
      block: whole,
      blockTimestamp: time,
      transaction: z.string().regex(/^0x[0-9a-f]{64}$/),
      grantee: z.string().max(6_000),
      publishExpiration: z.string().regex(/^\d{1,78}$/),
    })
    .nullable(),
})

const publisherSchema = z.strictObject({
  publisher,
  /** Verified messages and their raw bytes: what counts for rewards. */
  messages: whole,
  bytes: whole,
  /** Part of all verified messages and bytes of the range, cut off after six decimals. */
  messageShare: share,
  byteShare: share,
  firstTimestamp: time,
  lastTimestamp: time,
  /** Intervals of the range in which it published, and those it has. */
  activeIntervals: whole,
  intervals: whole,
  /** Longest time between two of its messages, ms. */
  longestSilenceMs: whole,
  chains: whole,
  gaps: whole,
  rights: z.array(rightSchema).max(MAX_REPORT_RIGHTS),
})

const chainSchema = z.strictObject({
  publisher,
  chain,
  /** Messages of the chain in the range whose signature is good, one for each id. */
  messages: whole,
  first: ref,
  last: ref,
  /** `first-message`: names none before it; else where the predecessor of its first message in the range lies. */
  begins: z.enum(['first-message', 'before-range', 'before-held']),
  gaps: whole,
  forks: whole,
  /** Nothing that the chain names between `first` and `last` is missing. */
  complete: z.boolean(),
})

export const findingExampleSchema = z.strictObject({
  timestamp: time,
  sequence: whole,
  publisher,
  chain,
  digest: hex(32),
  /** What is particular about this message: numbers and references, no prose. */
  detail: z.record(z.string().max(32), z.string().max(2_048).or(z.number()).or(z.boolean())),
  /** The message as it was received, base64; null when all that fits into a report was used. */
  raw: z.string().max(1_398_104).nullable(),
})

export const findingSchema = z.strictObject({
  kind: z.enum(FINDING_KINDS),
  /** Null for what exceeds the number of publishers that are told apart. */
  publisher: publisher.nullable(),
  /** Messages, or for gaps missing predecessors. */
  count: whole.min(1),
  firstTimestamp: time,
  lastTimestamp: time,
  /** For messages without permission: what the registry says about their publisher over their times. */
  rights: z.array(rightSchema).max(MAX_REPORT_RIGHTS),
  examples: z.array(findingExampleSchema).max(MAX_FINDING_EXAMPLES),
})

export const auditBodySchema = z.strictObject({
  stream: z.strictObject({ id: z.string().min(1).max(1_024), partition: z.int().min(0).max(99) }),
  range: z.strictObject({ from: time, to: time, intervalMs: z.int().min(1) }),
  network: z.strictObject({ chainId: whole, streamRegistry: address }),
  totals: z.strictObject({
    messages: whole,
    bytes: whole,
    verdicts: verdictCounts,
    equivocations: whole,
    gaps: whole,
    /** Messages that retention had removed from the range before. */
    dropped: whole,
    /** Messages that claim a future time and are held back until it has come. */
    heldBack: whole,
    firstTimestamp: time.nullable(),
    lastTimestamp: time.nullable(),
  }),
  /** Over the digests of the verified messages in order; see PROTOCOL. */
  merkle: z.strictObject({ leaves: whole, root: hex(32) }),
  /** SHA-256 of the schema that contents were checked against, as compact JSON; null when the stream has none. */
  schema: z
    .strictObject({ digest: hex(32), checked: whole, violations: whole, unreadable: whole, unchecked: whole })
    .nullable(),
  publishers: z.array(publisherSchema).max(MAX_REPORT_PUBLISHERS),
  publishersLeftOut: whole,
  chains: z.array(chainSchema).max(MAX_REPORT_CHAINS),
  chainsLeftOut: whole,
  findings: z.array(findingSchema).max(FINDING_KINDS.length * (MAX_FINDINGS_PER_KIND + 1)),
})

const made = z.strictObject({
  /** Streamr address of the node that made it. */
  by: address,
  at: time,
  /** Version of the software. */
  with: z.string().max(64),
  /** Messages that came into the audited stretch while it was being read, and may not be in the body. */
  arrivedMeanwhile: whole,
})

export const auditReportSchemaV1 = z.strictObject({
  kind: z.literal(AUDIT_REPORT_KIND),
  version: z.literal(1),
  body: auditBodySchema,
  bodyDigest: hex(32),
  made,
  /** Hex of r, s and v. */
  signature: hex(65),
})

/** Most peers whose roots a report has. */
export const MAX_REPORT_PEERS = 64

const besideSchema = z.strictObject({
  /** Other nodes that were asked for the root over what they hold of the range. */
  peers: z.strictObject({
    asked: whole,
    /** Those that hold nothing of it, and those that did not say. */
    empty: whole,
    silent: whole,
    /** What the others computed, each signed by its Streamr address; see `range-root.ts`. */
    roots: z
      .array(z.strictObject({ by: address, leaves: whole, root: hex(32), signature: hex(65) }))
      .max(MAX_REPORT_PEERS),
  }),
  /** Rights that the body names, as the chain's state has them. */
  storage: z.array(storageProofSchema).max(MAX_STORAGE_PROOFS),
  /** Why rights have no such proof, as far as they have none. */
  storageAbsent: z.enum(Object.keys(STORAGE_ABSENCES) as [StorageAbsence, ...StorageAbsence[]]).nullable(),
})

export const auditReportSchema = z.strictObject({
  kind: z.literal(AUDIT_REPORT_KIND),
  version: z.literal(AUDIT_REPORT_VERSION),
  body: auditBodySchema,
  bodyDigest: hex(32),
  made,
  beside: besideSchema,
  /** Hex of r, s and v. */
  signature: hex(65),
})

export type AuditBody = z.infer<typeof auditBodySchema>
export type AuditReportV1 = z.infer<typeof auditReportSchemaV1>
export type AuditReport = z.infer<typeof auditReportSchema>
export type AuditBeside = z.infer<typeof besideSchema>
/** A report to look at; `beside` is null in those of version 1. */
export type AuditOutcome = Pick<AuditReport, 'body' | 'bodyDigest' | 'made'> & { beside: AuditBeside | null }
export type Finding = z.infer<typeof findingSchema>
export type FindingExample = z.infer<typeof findingExampleSchema>
export type PublisherRow = z.infer<typeof publisherSchema>
export type ChainRow = z.infer<typeof chainSchema>
export type PublisherRight = z.infer<typeof rightSchema>

/** What the node signs, as UTF-8: everything of a report but the body, for which its digest stands. */
export function reportStatement(
  report: Omit<AuditReport, 'body' | 'signature'> | Omit<AuditReportV1, 'body' | 'signature'>,
): string {
  const { kind, version, bodyDigest, made } = report
  return JSON.stringify({
    kind,
    version,
    bodyDigest,
    made,
    ...('beside' in report ? { beside: report.beside } : {}),
  })
}

/** As `beside` of a report for which nobody was asked. */
export const NOTHING_BESIDE: AuditBeside = {
  peers: { asked: 0, empty: 0, silent: 0, roots: [] },
  storage: [],
  storageAbsent: null,
}
