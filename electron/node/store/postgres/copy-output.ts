import { buffer } from 'node:stream/consumers'
import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** Signature, flags, and before it may begin the length of an extension. */
const EXTENSION_AT = 15
const LENGTH_BYTES = 4
const COUNT_BYTES = 2
const END = -1

/**
 * The values of a binary COPY of one column of bytes, one behind the other. Rows of other statements come as text, in
 * which bytes are twice as long and are read three times.
 * @param text COPY (…) TO STDOUT (FORMAT binary)
 * @throws what the server says; RangeError when what it sends is no such COPY
 */
export async function readColumn(client: Client, text: string): Promise<Uint8Array> {
  return valuesOf(await buffer(client.query(copyTo(text))))
}

/** Values of one column in the binary format of COPY, as PostgreSQL documents it ("COPY", section "Binary Format"). */
export function valuesOf(copy: Buffer): Uint8Array {
  const values: Uint8Array[] = []
  let at = EXTENSION_AT + LENGTH_BYTES + copy.readUInt32BE(EXTENSION_AT)
  for (;;) {
    const columns = copy.readInt16BE(at)
    at += COUNT_BYTES
    if (columns === END) return Buffer.concat(values)
    if (columns !== 1) throw new RangeError(`A row of ${columns} columns where one was asked for`)
    const length = copy.readInt32BE(at)
    at += LENGTH_BYTES
    if (length === END) continue
    if (length < 0 || at + length > copy.length) throw new RangeError('A value of the database is cut')
    values.push(copy.subarray(at, at + length))
    at += length
  }
}
