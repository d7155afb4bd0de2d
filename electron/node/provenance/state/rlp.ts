/** One value of Ethereum's Recursive Length Prefix encoding: bytes, or a list of values. */
export type RlpItem = Uint8Array | RlpItem[]

/** Deepest nesting that is read: an account or a trie node has one list, with nodes of under 32 bytes in it. */
const MAX_RLP_DEPTH = 16

/** Bytes that are no RLP, or not in its one canonical form. */
export class RlpRefused extends Error {
  override readonly name = 'RlpRefused'
}

/**
 * Reads one value that fills the bytes. Lengths in another than their shortest form are refused, so that two different
 * byte sequences never read the same.
 * @throws {RlpRefused}
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, end } = readItem(bytes, 0, bytes.length, MAX_RLP_DEPTH)
  if (end !== bytes.length) throw new RlpRefused('Bytes follow the value')
  return item
}

/** @throws {RlpRefused} when it is bytes */
export function rlpList(item: RlpItem): RlpItem[] {
  if (!Array.isArray(item)) throw new RlpRefused('A list was expected')
  return item
}

/** @throws {RlpRefused} when it is absent or a list */
export function rlpBytes(item: RlpItem | undefined): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new RlpRefused('Bytes were expected')
  return item
}

/** A number without leading zeros. @throws {RlpRefused} when it is none, or has more than 32 bytes */
export function rlpNumber(item: RlpItem | undefined): bigint {
  const bytes = rlpBytes(item)
  if (bytes.length > 32 || bytes[0] === 0) throw new RlpRefused('A number was expected')
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function readItem(
  bytes: Uint8Array,
  at: number,
  limit: number,
  depth: number,
): { item: RlpItem; end: number } {
  const first = bytes[at]
  if (first === undefined || at >= limit) throw new RlpRefused('It ends too early')
  if (first < 0x80) return { item: bytes.subarray(at, at + 1), end: at + 1 }
  const isList = first >= 0xc0
  const { start, end } = spanOf(bytes, at, limit, first - (isList ? 0xc0 : 0x80))
  if (!isList) {
    const item = bytes.subarray(start, end)
    if (item.length === 1 && (item[0] ?? 0) < 0x80) throw new RlpRefused('A byte stands for itself')
    return { item, end }
  }
  if (depth === 0) throw new RlpRefused('It nests too deeply')
  const items: RlpItem[] = []
  for (let next = start; next < end; ) {
    const read = readItem(bytes, next, end, depth - 1)
    items.push(read.item)
    next = read.end
  }
  return { item: items, end }
}

/** Where the content of a value lies. @param marker the first byte without the mark of its kind: 0 to 63 */
function spanOf(
  bytes: Uint8Array,
  at: number,
  limit: number,
  marker: number,
): { start: number; end: number } {
  if (marker <= 55) return bounded(at + 1, marker, limit)
  const lengthBytes = marker - 55
  const from = at + 1
  if (lengthBytes > 4 || from + lengthBytes > limit) throw new RlpRefused('It ends too early')
  let length = 0
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[from + i] ?? 0)
  if (bytes[from] === 0 || length <= 55) throw new RlpRefused('A length is not in its shortest form')
  return bounded(from + lengthBytes, length, limit)
}

function bounded(start: number, length: number, limit: number): { start: number; end: number } {
  const end = start + length
  if (end > limit) throw new RlpRefused('It ends too early')
  return { start, end }
}
