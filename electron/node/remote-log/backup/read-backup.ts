import { type FileHandle, open } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { CarIndexer } from '@ipld/car/indexer'
import { TidemarkError } from '../../../../shared/errors.ts'
import { type Address, assertContentMatches, toAddress } from '../address.ts'
import { MAX_BLOCK_BYTES } from '../bounds.ts'
import { RemoteLogError } from '../errors.ts'
import type { CallOptions, ContentStore, NameSystem } from '../ports.ts'
import { mapInOrder } from '../restore/map-in-order.ts'

/** A header that names one root has 59 bytes. */
const MAX_HEADER_BYTES = 4_096
/** Blocks read and handed over at a time. */
const CONCURRENCY = 32

export interface ReadBackupOptions {
  path: string
  /** Where the blocks go. */
  content: ContentStore
  onProgress?: (progress: { blocks: number; sizeBytes: number }) => void
  signal?: AbortSignal | undefined
}

export interface ReadBackup {
  head: Address
  blocks: number
  sizeBytes: number
}

interface IndexedBlock {
  address: Address
  at: number
  sizeBytes: number
}

/**
 * Puts the blocks of a backup into a content store, each checked against its address. What the head names and the
 * file lacks shows when the log is restored from there.
 * @throws TidemarkError `remote-log-unreadable` when the file is no backup of a log, or damaged
 */
export async function readBackup(options: ReadBackupOptions): Promise<ReadBackup> {
  const { path, content, onProgress, signal } = options
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, `It cannot be opened (${cause.code ?? 'unknown'}).`, cause)
  })
  const read = { blocks: 0, sizeBytes: 0 }
  const stream = file.createReadStream({ start: 0, autoClose: false })
  try {
    await assertBoundedHeader(file)
    const index = await CarIndexer.fromIterable(stream)
    const [root] = await index.getRoots()
    if (root === undefined) throw new Error('It names no head.')
    const stored = mapInOrder(indexOf(index), CONCURRENCY, async ({ address, at, sizeBytes }) => {
      const bytes = await readExactly(file, at, sizeBytes)
      assertContentMatches(address, bytes)
      await content.add(bytes, { signal })
      return sizeBytes
    })
    for await (const sizeBytes of stored) {
      signal?.throwIfAborted()
      read.blocks += 1
      read.sizeBytes += sizeBytes
      onProgress?.({ ...read })
    }
    return { head: toAddress(root), ...read }
  } catch (cause) {
    signal?.throwIfAborted()
    if (
      cause instanceof RemoteLogError &&
      cause.code !== 'content-mismatch' &&
      cause.code !== 'address-invalid'
    )
      throw cause
    throw unreadable(path, cause instanceof Error ? cause.message : '', cause)
  } finally {
    await finished(stream.destroy(), { error: false })
    await file.close()
  }
}

/** A name system of one name that leads to the head of a backup: what restores a log, restores a file with it. */
export function createBackupNameSystem(head: Address, content: ContentStore): NameSystem {
  return {
    update: () =>
      Promise.reject(new RemoteLogError('name-refused', 'A backup leads to what it was made of.')),
    fetch: (_name: string, options?: CallOptions) => content.get(head, options),
  }
}

/** The library reads a block head by head; a length is checked here before that many bytes are read. */
async function* indexOf(index: CarIndexer): AsyncGenerator<IndexedBlock> {
  for await (const { cid, blockLength, blockOffset } of index) {
    // A length that ends within the address would send the library back to where it came from, for ever.
    if (blockLength < 0 || blockLength > MAX_BLOCK_BYTES)
      throw new Error(`It holds a block of ${blockLength} bytes.`)
    yield { address: toAddress(cid), at: blockOffset, sizeBytes: blockLength }
  }
}

/** Version 2 nests a second header of any length; backups are version 1. */
async function assertBoundedHeader(file: FileHandle): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0)
  let length = 0
  for (let at = 0; at < 2 && at < bytesRead; at += 1) {
    const byte = buffer[at] ?? 0
    length |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) {
      const header = buffer.subarray(at + 1, at + 1 + length)
      if (length > 0 && length <= MAX_HEADER_BYTES && header.includes('roots')) return
      break
    }
  }
  throw new Error('It is not a CAR file of version 1.')
}

async function readExactly(file: FileHandle, at: number, sizeBytes: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, at)
  if (bytesRead < sizeBytes) throw new Error('It ends in the middle of a block.')
  return buffer
}

function unreadable(path: string, why: string, cause: unknown): TidemarkError {
  return new TidemarkError(
    'remote-log-unreadable',
    `The file ${path} is not a backup of a log, or it is damaged. ${why}`.trim(),
    'Use another copy of the file.',
    { cause },
  )
}
