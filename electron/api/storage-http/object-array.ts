import type { StoredMessage } from '../../node/ports.ts'
import { toObjectText } from './message-object.ts'

/** Messages in the interface's `object` format: one JSON array, in pieces of about `chunkBytes`. */
export async function* toObjectArray(
  batches: AsyncIterable<StoredMessage[]>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  let texts: string[] = []
  let length = 0
  let separator = '['
  for await (const batch of batches) {
    for (const { raw } of batch) {
      const text = toObjectText(raw)
      if (text === undefined) continue
      texts.push(separator, text)
      length += text.length
      separator = ','
      if (length < chunkBytes) continue
      yield Buffer.from(texts.join(''))
      texts = []
      length = 0
    }
  }
  if (separator === '[') texts.push('[')
  yield Buffer.from(`${texts.join('')}]`)
}
