import type { IncomingMessage } from 'node:http'

/**
 * Reads a body whole. Bodies here are one or two chunks, of which event handlers cost a tenth of async iteration.
 * @throws what `tooLarge` makes, as soon as more than `maxBytes` have come; the rest is not waited for.
 */
export function readBody(
  message: IncomingMessage,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = []
    let sizeBytes = 0
    message.on('data', (chunk: Uint8Array) => {
      sizeBytes += chunk.length
      if (sizeBytes <= maxBytes) {
        parts.push(chunk)
      } else {
        parts.length = 0
        message.pause()
        reject(tooLarge())
      }
    })
    message.on('end', () =>
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)),
    )
    message.on('error', reject)
    message.on('close', () => reject(new Error('the connection was closed in the middle of a body')))
  })
}
