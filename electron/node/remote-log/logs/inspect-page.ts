import type { LogRef, PageEntryView, PageView } from '../../../../shared/remote-log.ts'
import { addressOf, formatAddress, parseAddress } from '../address.ts'
import { RemoteLogError } from '../errors.ts'
import { toHex } from '../hex.ts'
import type { OpenKeeper } from '../keepers/keepers.ts'
import { ContentReader, GET_TIMEOUT_MS } from '../restore/content-reader.ts'
import { decodeMvdsMessage, unwrapStreamMessage } from '../wire/mvds-message.ts'
import { decodeHead, decodePage, type Pair } from '../wire/page.ts'

/**
 * A page of a log, or the head its name leads to when no address is given.
 * @throws {RemoteLogError} when it cannot be had, or is no page
 */
export async function inspectPage(
  ref: LogRef,
  address: string | null,
  { content, names }: OpenKeeper,
  signal?: AbortSignal,
): Promise<PageView> {
  const { name, keeper } = ref
  if (address === null) {
    const bytes = await names.fetch(name, { signal })
    const head = decodeHead(bytes)
    return {
      ...{ name, keeper, isHead: true, cas: head.cas },
      address: formatAddress(addressOf(bytes)),
      sizeBytes: bytes.length,
      entries: head.pairs.map(toEntry),
      tail: head.tail === null ? null : formatAddress(head.tail),
    }
  }
  const reader = new ContentReader({ content, timeoutMs: GET_TIMEOUT_MS, signal })
  const bytes = await reader.read(parseAddress(address))
  const page = decodePage(bytes)
  return {
    ...{ name, keeper, isHead: false, cas: [] },
    address,
    sizeBytes: bytes.length,
    entries: page.pairs.map(toEntry),
    tail: page.tail === null ? null : formatAddress(page.tail),
  }
}

function toEntry({ localHash, remoteHash, data }: Pair): PageEntryView {
  return {
    message: toHex(localHash),
    address: remoteHash === null ? null : formatAddress(remoteHash),
    isEmbedded: data !== null,
    sizeBytes: data?.length ?? null,
    id: data === null ? null : idOf(data),
  }
}

/** What is no message shows as a row without one; restoring says what is wrong with it. */
function idOf(data: Uint8Array): PageEntryView['id'] {
  try {
    return unwrapStreamMessage(decodeMvdsMessage(data)).id
  } catch (error) {
    if (error instanceof RemoteLogError) return null
    throw error
  }
}
