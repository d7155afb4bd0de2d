import { TidemarkError } from '../../../shared/errors.ts'
import type { MessageQuery, StoredMessage } from '../ports.ts'
import { abortedError } from './aborted.ts'
import { PAGE_MESSAGES } from './limits.ts'
import { unpackPage } from './message-page.ts'
import type { LastSearch } from './read/last-start.ts'
import type { PageCursor } from './read/page-reader.ts'
import type { ReaderPool } from './reader-pool.ts'

/**
 * Reads a query page by page. The page after the one the consumer has is read ahead, no more: memory stays the same
 * however long the answer is, and a consumer that stops asking stops the reading.
 */
export async function* readPages(
  readers: ReaderPool,
  query: MessageQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredMessage[], void, undefined> {
  assertCount('last', query.last)
  assertCount('limit', query.limit)
  let remaining = Math.min(query.limit ?? Number.POSITIVE_INFINITY, query.last ?? Number.POSITIVE_INFINITY)
  let cursor: PageCursor | null = null
  if (query.last !== undefined && query.order !== 'descending') {
    const search = await searchLast(readers, query, query.last, signal)
    // All of them are fewer than asked for: then the read begins where the query does.
    cursor = search.start
  }
  const readAhead = (from: PageCursor | null) => {
    const limit = Math.min(PAGE_MESSAGES, remaining + (from?.skip ?? 0))
    const page = readers.call('page', query, from, limit)
    // A read ahead that fails while nobody waits for it must not end the process; whoever awaits it is told.
    page.catch(() => undefined)
    return page
  }
  let ahead: ReturnType<typeof readAhead> | null = remaining > 0 ? readAhead(cursor) : null
  while (ahead !== null) {
    if (signal?.aborted) throw abortedError()
    const { page, next } = await ahead
    remaining -= page.count
    ahead = next !== null && remaining > 0 ? readAhead(next) : null
    if (signal?.aborted) throw abortedError()
    if (page.count > 0) yield unpackPage(page, query.part)
  }
}

async function searchLast(
  readers: ReaderPool,
  query: MessageQuery,
  count: number,
  signal: AbortSignal | undefined,
): Promise<LastSearch> {
  let search: LastSearch | null = null
  do {
    if (signal?.aborted) throw abortedError()
    search = await readers.call('searchLast', query, count, search)
  } while (search.start === null && search.at !== null)
  return search
}

function assertCount(name: string, count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count >= 0)) return
  throw new TidemarkError(
    'invalid-input',
    `"${name}" must be a whole number from 0 on.`,
    'Ask again with one.',
  )
}
