import { isUtf8 } from 'node:buffer'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { MAX_UNKNOWN_FIELDS } from './limits.ts'
import { MessageRefused, type RefusalReason } from './message-refused.ts'

/**
 * Protobuf reading within bounds: every read names the largest value it accepts and the reason it refuses with.
 * Built on `BinaryReader`, which throws plain errors for truncated input; callers turn those into `malformed`.
 */
export class WireReader {
  readonly #reader: BinaryReader
  readonly #bytes: Buffer
  #unknown = 0
  #end: number

  constructor(bytes: Uint8Array) {
    this.#reader = new BinaryReader(bytes)
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.length
  }

  /** The next field's tag, or 0 at the end of the message that is being read. */
  tag(): number {
    const { pos } = this.#reader
    if (pos === this.#end) return 0
    if (pos > this.#end) throw new MessageRefused('malformed', 'A field reaches beyond its message.')
    const tag = this.#varint()
    if (tag === 0) throw new MessageRefused('malformed', 'A field has the number 0.')
    return tag
  }

  /**
   * Steps over a field whose number is unknown. A number up to `knownFields` arrives here only with a wire type
   * other than the schema's and is refused, as are groups, which proto3 does not have.
   */
  skip(tag: number, knownFields: number): void {
    this.#unknown += 1
    if (this.#unknown > MAX_UNKNOWN_FIELDS) {
      throw new MessageRefused('too-many-fields', `More than ${MAX_UNKNOWN_FIELDS} fields are unknown.`)
    }
    const wireType = tag & 7
    const isGroup = wireType === WireType.StartGroup || wireType === WireType.EndGroup
    if (tag >>> 3 <= knownFields || isGroup || wireType > WireType.Bit32) {
      throw new MessageRefused('malformed', `No field of the schema has the tag ${tag}.`)
    }
    this.#reader.skip(wireType)
  }

  /** Opens a nested message; returns the outer end, to be handed to `leave` once `tag` has returned 0. */
  enter(): number {
    const outerEnd = this.#end
    const length = this.#varint()
    this.#end = this.#reader.pos + length
    return outerEnd
  }

  /** A nested message that reached beyond its parent is found out by the parent's next `tag`. */
  leave(outerEnd: number): void {
    this.#end = outerEnd
  }

  /** A whole number from 0 to `max`. All 64 bits are read, so that a large number cannot pass as a small one. */
  count(max: number, reason: RefusalReason): number {
    const value = this.#nextIsShort() ? this.#varint() : Number(this.#reader.int64())
    if (value < 0 || value > max) throw new MessageRefused(reason, `${value} is not between 0 and ${max}.`)
    return value
  }

  bytes(maxBytes: number, reason: RefusalReason): Uint8Array {
    const value = this.#reader.bytes()
    if (value.length > maxBytes) throw tooLong(value.length, maxBytes, reason)
    return value
  }

  text(maxBytes: number, reason: RefusalReason): string {
    const length = this.#varint()
    if (length > maxBytes) throw tooLong(length, maxBytes, reason)
    const start = this.#reader.pos
    const end = start + length
    if (end > this.#end) throw new MessageRefused('malformed', 'A text reaches beyond its message.')
    this.#reader.pos = end
    const text = this.#bytes.toString('utf8', start, end)
    // The replacement character is legal text too, so bytes are looked at only where it appears.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end))) {
      throw new MessageRefused('not-utf8', 'A text field is not valid UTF-8.')
    }
    return text
  }

  /** An unsigned 32-bit varint; nearly all in a message are one byte long. */
  #varint(): number {
    const reader = this.#reader
    return this.#nextIsShort() ? (this.#bytes[reader.pos++] ?? 0) : reader.uint32()
  }

  #nextIsShort(): boolean {
    const next = this.#bytes[this.#reader.pos]
    return next !== undefined && next < 0x80
  }
}

/** For fields that may occur once: refuses the second, of which lenient readers would see one or the other. */
export function assertFirst(earlier: unknown): void {
  if (earlier !== undefined) {
    throw new MessageRefused('duplicate-field', 'A field that may occur once occurs twice.')
  }
}

function tooLong(length: number, maxBytes: number, reason: RefusalReason): MessageRefused {
  return new MessageRefused(reason, `${length} bytes where at most ${maxBytes} are allowed.`)
}
