import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { TidemarkError } from '../../shared/errors.ts'
import { formatCount, formatSize } from '../../shared/format/quantity.ts'
import { streamPartId } from '../../shared/message.ts'
import type { ExportFormat, ExportProgress } from '../../shared/message-export.ts'
import type { FieldCondition } from '../../shared/message-filter.ts'
import type { MessageMark } from '../../shared/message-mark.ts'
import type { Verdict } from '../../shared/verdict.ts'
import type { ApiClient } from '../api/client.ts'

export interface ExportQueryOptions {
  streamId: string
  partition: number
  last?: number | undefined
  from?: number | undefined
  to?: number | undefined
  format: ExportFormat
  out: string
  columns: readonly string[]
  publisher?: string | undefined
  verdicts: readonly Verdict[]
  marks?: readonly MessageMark[]
  text?: string | undefined
  conditions: readonly FieldCondition[]
  newestFirst: boolean
}

export interface ExportTarget {
  /** Address of the portal, and the secret of its command line. */
  url: string
  bearer: string
  /** Progress and the outcome in words. */
  notes: Writable
}

/** Progress is told this often, ms. */
const TELL_EVERY_MS = 1_000

/**
 * Saves messages in a file while the node makes it, and what it holds and where it is from beside it, as
 * `FILE.citation.json`. The file has its name when it is whole, and not before.
 */
export async function exportQuery(
  { api }: ApiClient,
  options: ExportQueryOptions,
  { url, bearer, notes }: ExportTarget,
  signal: AbortSignal,
): Promise<void> {
  const {
    streamId,
    partition,
    out,
    columns,
    verdicts,
    marks = [],
    conditions,
    newestFirst,
    ...rest
  } = options
  const opened = await api.exports.open.mutate({
    ...rest,
    part: streamPartId(streamId, partition),
    columns: columns.length === 0 ? null : [...columns],
    ...(verdicts.length === 0 ? {} : { verdicts: [...verdicts] }),
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
    conditions: [...conditions],
    order: newestFirst ? 'descending' : 'ascending',
  })
  const unfinished = `${out}.part`
  const hash = createHash('sha256')
  const timer = setInterval(() => {
    api.exports.progress.query({ id: opened.id }).then(
      (progress) => notes.write(`${words(progress)}\n`),
      // The next look tells it, or the end does.
      () => undefined,
    )
  }, TELL_EVERY_MS)
  try {
    const answer = await fetch(`${url}/export/${opened.id}`, {
      headers: { authorization: `Bearer ${bearer}` },
      signal,
    })
    if (!answer.ok || answer.body === null) throw broken(await answer.text())
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    await pipeline(
      Readable.fromWeb(answer.body as ReadableStream<Uint8Array>),
      counted,
      createWriteStream(unfinished, { flush: true }),
      { signal },
    )
    const ended = await api.exports.progress.query({ id: opened.id })
    const sha256 = hash.digest('hex')
    if (ended.state !== 'done' || ended.outcome?.sha256 !== sha256) throw broken(ended.error?.message ?? '')
    await writeFile(
      `${out}.citation.json`,
      `${JSON.stringify({ ...ended.citation, outcome: ended.outcome }, null, 2)}\n`,
    )
    await rename(unfinished, out)
    notes.write(`${words(ended)}\n`)
  } catch (error) {
    await rm(unfinished, { force: true })
    await api.exports.cancel.mutate({ id: opened.id }).catch(() => undefined)
    if (signal.aborted) throw new TidemarkError('aborted', 'Stopped on request.', 'Run the command again.')
    if (error instanceof TidemarkError) throw error
    throw broken(error instanceof Error ? error.message : '', error)
  } finally {
    clearInterval(timer)
  }
}

function words({ rows, scanned, total, sizeBytes }: ExportProgress): string {
  const of = total === null ? '' : ` of ${formatCount(Math.max(total, scanned))}`
  return `${formatCount(rows)} messages, ${formatSize(sizeBytes)}, scanned ${formatCount(scanned)}${of}`
}

function broken(why: string, cause?: unknown): TidemarkError {
  return new TidemarkError(
    'aborted',
    `The export broke off${why === '' ? '' : `: ${why.trim().split('\n')[0] ?? ''}`}.`,
    'Nothing was saved. See that the disk has room and the node runs, and try again.',
    { cause },
  )
}
