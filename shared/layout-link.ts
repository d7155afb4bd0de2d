import { TidemarkError } from './errors.ts'
import { type Layout, MAX_LAYOUT_BYTES, parseLayout } from './layout.ts'

/** Longest text of a layout in a link: browsers and chat programs carry this much. */
export const MAX_LINK_CHARS = 16_384

function broken(cause?: unknown): TidemarkError {
  return new TidemarkError(
    'layout-invalid',
    'The layout in this link cannot be read.',
    'Ask for the link again, or for the layout as a file; links are often cut where they are pasted.',
    { cause },
  )
}

/** Reads a stream of bytes to its end, and no further than `limit`. */
async function collect(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > limit) {
      await reader.cancel()
      throw broken()
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  by: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(by)
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

/**
 * A layout as text for a link: its JSON, deflated, in base64url.
 * @throws TidemarkError `invalid-input` when it is too large for a link
 */
export async function encodeLayoutLink(layout: Layout): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(layout))
  const packed = await collect(through(json, new CompressionStream('deflate-raw')), MAX_LAYOUT_BYTES * 2)
  const text = toBase64Url(packed)
  if (text.length <= MAX_LINK_CHARS) return text
  throw new TidemarkError(
    'invalid-input',
    'This layout is too large for a link.',
    'Share it as a file instead.',
  )
}

/** @throws TidemarkError `layout-invalid` or `layout-newer` */
export async function decodeLayoutLink(text: string): Promise<Layout> {
  if (text.length > MAX_LINK_CHARS || !/^[\w-]+$/.test(text)) throw broken()
  let json: string
  try {
    const packed = fromBase64Url(text)
    const bytes = await collect(through(packed, new DecompressionStream('deflate-raw')), MAX_LAYOUT_BYTES)
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw broken(cause)
  }
  return parseLayout(json)
}
