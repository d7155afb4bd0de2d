import type { Writable } from 'node:stream'
import { MAX_PAGE_ROWS } from '../../shared/inputs.ts'
import { type MessageRow, streamPartId } from '../../shared/message.ts'
import type { ApiClient } from '../api/client.ts'

export interface QueryOptions {
  streamId: string
  partition: number
  last?: number
  from?: number
  to?: number
  json: boolean
}

function toJsonLine(row: MessageRow): string {
  const { streamId, partition, timestamp, sequence, publisher, chain } = row.id
  return JSON.stringify({
    messageId: { streamId, partition, timestamp, sequence, publisher, chain },
    publisher,
    content: row.content,
    ...(row.contentTruncated ? { contentTruncated: true } : {}),
    verdict: row.verdict,
    reason: row.reason,
    digest: row.digest,
  })
}

function toTextLine(row: MessageRow): string {
  const time = new Date(row.id.timestamp).toISOString()
  return `${time} ${row.id.sequence} ${row.id.publisher} ${row.verdict} ${JSON.stringify(row.content)}`
}

/** Prints one message as a line; waits while the reader of our output is behind. */
export function writeRow(
  output: Writable,
  row: MessageRow,
  asJson: boolean,
  signal: AbortSignal,
): Promise<void> {
  return write(output, asJson ? toJsonLine(row) : toTextLine(row), signal)
}

async function write(output: Writable, line: string, signal: AbortSignal): Promise<void> {
  if (output.write(`${line}\n`)) return
  await new Promise<void>((resolve) => {
    const finish = () => {
      output.off('drain', finish)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    output.once('drain', finish)
    signal.addEventListener('abort', finish)
  })
}

/**
 * Prints messages in order, page by page, so that any range fits into constant memory. `last` counts from the moment
 * of asking: what is stored while the pages are read is left out.
 */
export async function query(
  { api }: ApiClient,
  options: QueryOptions,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const part = streamPartId(options.streamId, options.partition)
  let skip = 0
  let left = options.last ?? Number.POSITIVE_INFINITY
  let from = options.from
  if (options.last !== undefined) {
    const start = await api.messages.startOfLast.query({ part, count: options.last }, { signal })
    if (start === null) return
    from = start.from
    skip = start.skip
  }
  let after: { id: MessageRow['id']; digest: string } | undefined
  do {
    const page = await api.messages.page.query(
      { part, from, to: options.to, after, order: 'ascending', limit: MAX_PAGE_ROWS },
      { signal },
    )
    for (const row of page.rows.slice(skip, skip + left)) {
      await writeRow(output, row, options.json, signal)
      left -= 1
    }
    skip = Math.max(0, skip - page.rows.length)
    after = page.next ?? undefined
  } while (after && left > 0 && !signal.aborted)
}
