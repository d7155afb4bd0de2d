import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EXPORT_MEDIA_TYPES } from '../../shared/message-export.ts'
import type { StorageNode } from '../node/storage-node.ts'

/** Where an open export is downloaded from, by its id. */
export const EXPORT_PATH = '/export/'

/** The headers of a download: a file with the name the node gave it, whatever a browser would make of its content. */
export function exportHeaders({
  fileName,
  citation,
}: ReturnType<StorageNode['exports']['progress']>): Record<string, string> {
  return {
    'content-type': EXPORT_MEDIA_TYPES[citation.format],
    'content-disposition': `attachment; filename="${fileName}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
}

/**
 * Sends an open export while it is made. A reader that goes away ends it; an export that fails or is cancelled breaks
 * the connection, so that no half of a file passes for a whole one.
 * @throws TidemarkError `query-not-open`
 */
export async function sendExport(
  exports: StorageNode['exports'],
  id: string,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController()
  response.on('close', () => leaving.abort())
  const { progress, bytes } = exports.read(id, leaving.signal)
  response.writeHead(200, exportHeaders(progress))
  await pipeline(Readable.from(bytes, { objectMode: true, highWaterMark: 1 }), response)
}
