/** Schemas of what crosses the border inwards: IPC, HTTP and command line are validated by the same rules. */
import { z } from 'zod'
import { EXPORT_FORMATS } from './message-export.ts'
import { conditionsInput, MAX_SEARCH_LENGTH } from './message-filter.ts'
import { MESSAGE_MARKS } from './message-mark.ts'
import { MAX_PROOF_MESSAGES } from './proof.ts'
import { VERDICTS } from './verdict.ts'

/** Streamr stream ids are at most this long in the registry's own contract usage; longer ones are refused unread. */
export const MAX_STREAM_ID_LENGTH = 1_024
/** Streamr partitions are numbered 0 to 99. */
export const MAX_PARTITION = 99
/** Latest time JavaScript can show; anything later is a mistake. */
const MAX_TIMESTAMP_MS = 8_640_000_000_000_000

export const streamIdInput = z.string().trim().min(1).max(MAX_STREAM_ID_LENGTH)
export const partitionInput = z.int().min(0).max(MAX_PARTITION)
export const partInput = z
  .string()
  .max(MAX_STREAM_ID_LENGTH + 4)
  .regex(/^.+#\d{1,2}$/u)
export const timestampInput = z.number().min(0).max(MAX_TIMESTAMP_MS)
export const publisherInput = z
  .string()
  .max(6_000)
  .regex(/^0x[0-9a-f]{2,}$/)
export const digestInput = z.string().regex(/^[0-9a-f]{64}$/)
export const verdictInput = z.enum(VERDICTS)
export const marksInput = z.array(z.enum(MESSAGE_MARKS)).max(MESSAGE_MARKS.length)

export const messageRefInput = z.object({
  timestamp: timestampInput,
  sequence: z.int().min(0).max(2_147_483_647),
})

export const messageIdInput = messageRefInput.extend({
  streamId: streamIdInput,
  partition: partitionInput,
  publisher: publisherInput,
  chain: z.string().max(256),
})

export const fieldPathInput = z.string().min(1).max(1_024)

export const chartWindowInput = z.object({
  part: partInput,
  fields: z.array(fieldPathInput).min(1).max(32),
  publishers: z.array(publisherInput).max(64).optional(),
  from: timestampInput,
  to: timestampInput,
  widthPx: z.int().min(16).max(8_192),
})

/** Rows of one page: enough for any screen, small enough to answer at once. */
export const MAX_PAGE_ROWS = 500

export const messagePageInput = z.object({
  part: partInput,
  from: timestampInput.optional(),
  to: timestampInput.optional(),
  /** Cursor: the last row of the page before. */
  after: z.object({ id: messageIdInput, digest: digestInput }).optional(),
  publisher: publisherInput.optional(),
  verdicts: z.array(verdictInput).max(VERDICTS.length).optional(),
  /** Only messages with one of these marks. */
  marks: marksInput.optional(),
  /** Anywhere in content, publisher, chain or digest. */
  text: z.string().max(MAX_SEARCH_LENGTH).optional(),
  conditions: conditionsInput.optional(),
  order: z.enum(['ascending', 'descending']).default('descending'),
  limit: z.int().min(1).max(MAX_PAGE_ROWS).default(100),
})

const wholeTime = z.int().min(0).max(MAX_TIMESTAMP_MS)

export const rangeProofInput = z.object({
  part: partInput,
  from: wholeTime,
  to: wholeTime,
  publisher: publisherInput.optional(),
  within: z.object({ from: wholeTime, to: wholeTime }).optional(),
  digests: z.array(digestInput).min(1).max(MAX_PROOF_MESSAGES).optional(),
})

/** Fields an export has as columns, as many as a chart. */
const MAX_EXPORT_COLUMNS = 32

/** What goes into a file: the rows a table shows, all of them. */
export const exportInput = messagePageInput.omit({ after: true, limit: true }).extend({
  format: z.enum(EXPORT_FORMATS),
  columns: z.array(fieldPathInput).max(MAX_EXPORT_COLUMNS).nullable().default(null),
  order: z.enum(['ascending', 'descending']).default('ascending'),
  /** Of what the other conditions select, the newest so many before any search in contents. */
  last: z.int().min(1).optional(),
})

export const auditIdInput = z.string().regex(/^[a-z0-9]{1,40}$/)

/** A publisher counts as up in an interval in which it published: from a second to a day. */
const MIN_AUDIT_INTERVAL_MS = 1_000
const MAX_AUDIT_INTERVAL_MS = 86_400_000
export const DEFAULT_AUDIT_INTERVAL_MS = 60_000

export const auditRequestInput = z.object({
  part: partInput,
  from: wholeTime,
  to: wholeTime,
  intervalMs: z
    .int()
    .min(MIN_AUDIT_INTERVAL_MS)
    .max(MAX_AUDIT_INTERVAL_MS)
    .default(DEFAULT_AUDIT_INTERVAL_MS),
})
