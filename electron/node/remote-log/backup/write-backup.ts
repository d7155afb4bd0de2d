import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CarWriter } from '@ipld/car/writer'
import { type Address, addressOf, toCid } from '../address.ts'
import type { ContentStore, NameSystem } from '../ports.ts'
import { ContentReader, GET_TIMEOUT_MS } from '../restore/content-reader.ts'
import { mapInOrder } from '../restore/map-in-order.ts'
import { decodeHead, decodePage, type Page } from '../wire/page.ts'

/** Blocks asked for at a time. */
const CONCURRENCY = 32

export interface BackupOptions {
  name: string
  content: ContentStore
  names: NameSystem
  /** Where the file is to be; what is there is replaced when the new file is whole. */
  path: string
  onProgress?: (progress: BackupFigures) => void
  signal?: AbortSignal | undefined
}

export interface BackupFigures {
  blocks: number
  messages: number
  sizeBytes: number
}

interface Block {
  address: Address
  bytes: Uint8Array
  messages: number
}

/**
 * Writes the log a name leads to into one CAR file (version 1): the head is its root, pages and messages follow,
 * newest first. Every block is checked on the way.
 * @throws {RemoteLogError} when any part of the log cannot be had: half a backup is none
 */
export async function writeBackup(options: BackupOptions): Promise<BackupFigures> {
  const { name, content, names, path, signal } = options
  const headBytes = await names.fetch(name, { signal })
  const reader = new ContentReader({ content, timeoutMs: GET_TIMEOUT_MS, signal })
  const { writer, out } = CarWriter.create([toCid(addressOf(headBytes))])
  const draft = `${path}.new`
  const figures: BackupFigures = { blocks: 0, messages: 0, sizeBytes: 0 }
  const fill = async () => {
    for await (const { address, bytes, messages } of blocksOf(headBytes, reader)) {
      await writer.put({ cid: toCid(address), bytes })
      figures.blocks += 1
      figures.messages += messages
      figures.sizeBytes += bytes.length
      options.onProgress?.({ ...figures })
    }
    await writer.close()
  }
  const stopped = new AbortController()
  try {
    const written = pipeline(out, createWriteStream(draft), {
      signal: signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]),
    })
    await Promise.all([
      written,
      fill().catch((error: unknown) => {
        stopped.abort(error)
        throw error
      }),
    ])
    await sync(draft)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    signal?.throwIfAborted()
    // Of a pipeline that was stopped, the reason is what matters.
    throw stopped.signal.aborted ? stopped.signal.reason : error
  }
  return figures
}

type Item = { kind: 'block'; block: Block } | { kind: 'message'; address: Address }

async function* blocksOf(headBytes: Uint8Array, reader: ContentReader): AsyncGenerator<Block> {
  const items = itemsOf(headBytes, reader)
  yield* mapInOrder(items, CONCURRENCY, async (item): Promise<Block> => {
    if (item.kind === 'block') return item.block
    return { address: item.address, bytes: await reader.read(item.address), messages: 1 }
  })
}

async function* itemsOf(headBytes: Uint8Array, reader: ContentReader): AsyncGenerator<Item> {
  let page: Page = decodeHead(headBytes)
  yield {
    kind: 'block',
    block: { address: addressOf(headBytes), bytes: headBytes, messages: countEmbedded(page) },
  }
  while (true) {
    for (const { remoteHash, data } of page.pairs) {
      if (data === null && remoteHash !== null) yield { kind: 'message', address: remoteHash }
    }
    if (page.tail === null) return
    const bytes = await reader.read(page.tail)
    const address = page.tail
    page = decodePage(bytes)
    yield { kind: 'block', block: { address, bytes, messages: countEmbedded(page) } }
  }
}

const countEmbedded = ({ pairs }: Page) => pairs.filter(({ data }) => data !== null).length

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
