import { formatAddress } from '../../../electron/node/remote-log/address.ts'
import { decodeMvdsMessage, mvdsMessageId } from '../../../electron/node/remote-log/wire/mvds-message.ts'
import { decodeHead, decodePage, type Page, type Pair } from '../../../electron/node/remote-log/wire/page.ts'
import type { MemoryBackend } from './memory-backend.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export interface WalkedLog {
  /** Bodies of all messages, oldest first, in hex. */
  bodies: string[]
  /** Every block the name leads to. */
  reached: Set<string>
  pages: Page[]
}

/** Reads a whole log with nothing but the wire formats: what the restored log is compared with. */
export function walkLog(backend: MemoryBackend, name: string): WalkedLog {
  const reached = new Set<string>()
  const read = (address: Uint8Array): Uint8Array => {
    const text = formatAddress(address)
    const content = backend.blocks.get(text)
    if (content === undefined) throw new Error(`The log names ${text}, which nobody has.`)
    reached.add(text)
    return content
  }
  const bodyOf = ({ localHash, remoteHash, data }: Pair): string => {
    if (data === null && remoteHash === null) throw new Error('A message is neither embedded nor mapped.')
    const message = decodeMvdsMessage(data ?? read(remoteHash ?? new Uint8Array(0)))
    if (hex(mvdsMessageId(message)) !== hex(localHash)) throw new Error('A message does not have its id.')
    return hex(message.body)
  }
  const head = backend.heads.get(name)
  if (head === undefined) return { bodies: [], reached, pages: [] }
  const pages: Page[] = []
  let page: Page | null = decodeHead(head)
  while (page !== null) {
    pages.push(page)
    page = page.tail === null ? null : decodePage(read(page.tail))
  }
  return { bodies: pages.flatMap(({ pairs }) => pairs.map(bodyOf)).reverse(), reached, pages }
}
