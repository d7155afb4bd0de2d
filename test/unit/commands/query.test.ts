import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { ApiClient } from '../../../electron/api/client.ts'
import { type QueryOptions, query } from '../../../electron/commands/query.ts'
import { MAX_PAGE_ROWS } from '../../../shared/inputs.ts'
import type { MessageRow } from '../../../shared/message.ts'

const streamId = '0x0000000000000000000000000000000000000001/numbers'

/** A node that holds messages at these times, all asked for through its API. */
function nodeWith(timestamps: number[], start: { from: number; skip: number } | null): ApiClient {
  const pages: number[][] = []
  for (let at = 0; at < timestamps.length; at += MAX_PAGE_ROWS)
    pages.push(timestamps.slice(at, at + MAX_PAGE_ROWS))
  let asked = 0
  const page = async () => {
    const rows = (pages[asked] ?? []).map((timestamp) => ({
      id: { streamId, timestamp },
      content: timestamp,
    }))
    asked += 1
    return {
      rows: rows as unknown as MessageRow[],
      next: asked < pages.length ? { id: {}, digest: '' } : null,
    }
  }
  return {
    api: { messages: { startOfLast: { query: async () => start }, page: { query: page } } },
    close: async () => undefined,
  } as unknown as ApiClient
}

async function printed(client: ApiClient, options: Partial<QueryOptions>): Promise<number[]> {
  let text = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  await query(
    client,
    { streamId, partition: 0, json: true, ...options },
    output,
    new AbortController().signal,
  )
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).content)
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('the query command', () => {
  it('prints a range of several pages in order', async () => {
    expect(await printed(nodeWith(upTo(1_200), null), {})).toEqual(upTo(1_200))
  })

  it('prints exactly the last messages there were, though more were stored while it read', async () => {
    const client = nodeWith([5, 5, 6, 7, 8], { from: 5, skip: 1 })
    expect(await printed(client, { last: 3 })).toEqual([5, 6, 7])
  })

  it('skips further than one page where many messages share a time', async () => {
    const client = nodeWith(upTo(1_200), { from: 0, skip: 700 })
    expect(await printed(client, { last: 500 })).toEqual(upTo(1_200).slice(700))
  })

  it('prints nothing where nothing is stored', async () => {
    expect(await printed(nodeWith([], null), { last: 3 })).toEqual([])
  })
})
