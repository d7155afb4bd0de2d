import { writeFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type AuditView, FINDING_KINDS, FINDING_TITLES } from '../../shared/audit.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { streamPartId } from '../../shared/message.ts'
import type { ApiClient } from '../api/client.ts'

/** How often the node is asked how far an audit has come, ms. */
const PROGRESS_INTERVAL_MS = 250

export interface AuditCommand {
  streamId: string
  partition: number
  from?: number
  to?: number
  /** Seconds. */
  interval: number
  out: string
  /** Where the report to print goes; nowhere without it. */
  pdf?: string
}

/**
 * Has the node audit a range, waits for the end, writes the report and says what was found. Interrupted, the audit
 * is removed.
 */
export async function audit(
  { api }: ApiClient,
  { streamId, partition, from, to, interval, out, pdf }: AuditCommand,
  { output, progress }: { output: Writable; progress: Writable },
  signal: AbortSignal,
): Promise<void> {
  const part = streamPartId(streamId, partition)
  const held = await rangeOf(api, part)
  const begun = await api.audit.begin.mutate({
    part,
    from: from ?? held.from,
    to: to ?? held.to,
    intervalMs: interval * 1_000,
  })
  try {
    const ended = await untilEnd(api, begun, progress, signal)
    const { json } = await api.audit.report.query({ id: ended.id })
    await writeFile(out, json, { mode: 0o600 })
    if (pdf !== undefined) {
      const { base64 } = await api.audit.pdf.query({ id: ended.id })
      await writeFile(pdf, Buffer.from(base64, 'base64'), { mode: 0o600 })
    }
    output.write(`${ended.checked} messages checked; report in ${out}\n`)
    const kinds = FINDING_KINDS.filter((kind) => (ended.findings[kind] ?? 0) > 0)
    for (const kind of kinds)
      output.write(`${String(ended.findings[kind]).padStart(10)}  ${FINDING_TITLES[kind]}\n`)
    if (kinds.length === 0) output.write('nothing found against them\n')
  } catch (error) {
    await api.audit.remove.mutate({ id: begun.id }).catch(() => undefined)
    throw error
  }
}

/** First and last moment of what the node holds of a part. */
async function rangeOf(api: ApiClient['api'], part: string): Promise<{ from: number; to: number }> {
  const streams = await api.streams.list.query()
  const known = streams.find((stream) => stream.part === part)
  if (known?.firstTimestamp == null || known.lastTimestamp === null) {
    throw new TidemarkError(
      'stream-not-found',
      `This node holds no messages of ${part}.`,
      'Check the stream id and the partition, or subscribe to the stream first.',
    )
  }
  return { from: known.firstTimestamp, to: known.lastTimestamp }
}

async function untilEnd(
  api: ApiClient['api'],
  begun: AuditView,
  progress: Writable,
  signal: AbortSignal,
): Promise<AuditView> {
  let shown = -1
  for (;;) {
    const view = await api.audit.get.query({ id: begun.id })
    if (view.checked !== shown) progress.write(`${view.checked} of about ${view.expected} messages checked\n`)
    shown = view.checked
    if (view.status === 'finished') return view
    if (view.status === 'failed' || view.status === 'paused') {
      const { message, remedy } = view.problem ?? {
        message: 'The audit was paused.',
        remedy: 'Resume it in the portal.',
      }
      throw new TidemarkError('internal', message, remedy)
    }
    await delay(PROGRESS_INTERVAL_MS, undefined, { signal }).catch(() => {
      throw new TidemarkError('aborted', 'Stopped on request.', 'Run the command again to begin anew.')
    })
  }
}
