import { isUtf8 } from 'node:buffer'
import type { MessageId } from '../../../shared/message.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { parseJsonContent } from '../message/json-content.ts'
import { plainContentOfStored } from '../message/stored-content.ts'
import type { StoredMessage } from '../ports.ts'

/** A stored message as it crosses to the thread that reads contents; `opened` is what a known key gave. */
export interface MessageOfBatch extends StoredMessage {
  opened?: Uint8Array
}

/** A stored message with its content read, lazily, as searching and exporting need it. */
export class ReadRow {
  readonly message: MessageOfBatch
  #bytes: Uint8Array | null | undefined
  #parsed: { value: unknown; isJson: boolean } | undefined

  constructor(message: MessageOfBatch) {
    this.message = message
  }

  get id(): MessageId {
    return this.message.id
  }

  get digest(): string {
    return Buffer.from(this.message.digest).toString('hex')
  }

  /** Plain content; null while it is encrypted and no key is known. */
  get bytes(): Uint8Array | null {
    this.#bytes ??= plainBytes(this.message)
    return this.#bytes
  }

  get isJson(): boolean {
    return this.#read().isJson
  }

  /** The parsed content; undefined where it is not JSON or beyond the bounds of what is parsed. */
  get value(): unknown {
    return this.#read().value
  }

  /**
   * The content as one line of text: JSON as it was published, so that no digit is lost, with line breaks between
   * its values as spaces; other content as text, or as hex where it is binary. Null while it is encrypted.
   */
  get text(): string | null {
    const { bytes } = this
    if (bytes === null) return null
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // Within texts JSON escapes line breaks; those that are left stand between values and mean nothing.
    if (this.isJson) return view.toString('utf8').replace(/[\r\n\t]/g, ' ')
    return isUtf8(bytes) ? view.toString('utf8') : view.toString('hex')
  }

  get contentKind(): 'json' | 'text' | 'binary' | 'encrypted' {
    const { bytes } = this
    if (bytes === null) return 'encrypted'
    if (this.isJson) return 'json'
    return isUtf8(bytes) ? 'text' : 'binary'
  }

  #read(): { value: unknown; isJson: boolean } {
    if (this.#parsed === undefined) {
      const { bytes } = this
      const parsed = bytes === null ? null : parseJsonContent(bytes)
      const isJson = parsed !== null && parsed.opaque === undefined
      this.#parsed = { isJson, value: isJson ? parsed.value : undefined }
    }
    return this.#parsed
  }
}

function plainBytes({ raw, encrypted, opened }: MessageOfBatch): Uint8Array | null {
  if (opened !== undefined) return opened
  if (encrypted) return null
  const quick = plainContentOfStored(raw)
  if (quick !== undefined) return quick
  const { body } = decodeStreamMessage(raw)
  return body.kind === 'content' ? body.content : new Uint8Array(0)
}
