import { AuditFold } from '../../../electron/node/provenance/audit/audit-fold.ts'
import { passOver } from '../../../electron/node/provenance/audit/audit-pass.ts'
import { STREAM_ID, signedTelemetry, timeOf } from './corpus.ts'
import { arrive, ingest, median, openPipeline, type Pipeline } from './parts.ts'

/** Audits a slice of what was stored, from its raw bytes to the root; seconds. */
export async function audit(
  { store, pool }: Pick<Pipeline, 'store' | 'pool'>,
  from: number,
  count: number,
): Promise<number> {
  const range = {
    part: `${STREAM_ID}#0`,
    from: timeOf(from),
    to: timeOf(from + count) - 1,
    intervalMs: 60_000,
  }
  const fold = new AuditFold(range)
  const start = performance.now()
  const parts = { store, verifier: pool, fold, onPage: async () => undefined }
  await passOver(range, null, parts, new AbortController().signal)
  const seconds = (performance.now() - start) / 1_000
  if (fold.totals.verdicts.verified !== count) throw new Error('The audit did not verify everything')
  return seconds
}

/**
 * One audit over a long history instead of many over slices: the rate at which so many messages are verified and stored,
 * slice by slice as ever, and then that of auditing all of them in one go.
 */
export async function measureLongAudit(
  messages: number,
  sliceMessages: number,
): Promise<Record<string, number>> {
  const corpus = await signedTelemetry(messages)
  await using stack = new AsyncDisposableStack()
  const pipeline = await openPipeline(stack)
  const rates: number[] = []
  for (let from = 0; from < messages; from += sliceMessages) {
    const slice = arrive(corpus.slice(from, from + sliceMessages))
    rates.push(slice.length / (await ingest(pipeline.pool, slice)))
  }
  const perSecond = median(rates)
  const auditPerSecond = messages / (await audit(pipeline, 0, messages))
  return {
    auditedMessages: messages,
    perSecond: Math.round(perSecond),
    auditPerSecond: Math.round(auditPerSecond),
    auditRatio: Number((auditPerSecond / perSecond).toFixed(3)),
  }
}
