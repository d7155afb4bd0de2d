import { type StreamPartId, streamPartId } from '../../../../shared/message.ts'
import { type Address, formatAddress } from '../address.ts'
import { RemoteLogError } from '../errors.ts'
import { toHex } from '../hex.ts'
import { decodeMvdsMessage, mvdsMessageId, unwrapStreamMessage } from '../wire/mvds-message.ts'
import type { Pair } from '../wire/page.ts'
import type { ContentReader } from './content-reader.ts'
import type { LogFinding } from './finding.ts'
import type { MissingMessage } from './restored-log.ts'

/** What a pair led to. A `bad` one is settled: its content is what its address says, so it stays bad. */
export type ReadOutcome =
  | {
      kind: 'message'
      localHash: Uint8Array
      page: Address | null
      raw: Uint8Array
      part: StreamPartId
      timestamp: number
    }
  | { kind: 'missing'; missing: MissingMessage; finding: LogFinding }
  | { kind: 'bad'; localHash: Uint8Array; page: Address | null; finding: LogFinding }

/** Fetches what a pair names and checks it against its address, its MVDS id and its stream part. */
export async function readMessage(
  pair: Pair,
  page: Address | null,
  part: StreamPartId | null,
  reader: ContentReader,
): Promise<ReadOutcome> {
  const { localHash } = pair
  const names = { message: toHex(localHash), page: page === null ? null : formatAddress(page) }
  const bad = (finding: LogFinding): ReadOutcome => ({ kind: 'bad', localHash, page, finding })
  try {
    const message = decodeMvdsMessage(pair.data ?? (await reader.read(remoteHashOf(pair))))
    if (Buffer.compare(mvdsMessageId(message), localHash) !== 0)
      return bad({ kind: 'message-id-mismatch', ...names })
    const { id } = unwrapStreamMessage(message)
    const actual = streamPartId(id.streamId, id.partition)
    if (part !== null && actual !== part) {
      return bad({
        kind: 'message-out-of-place',
        ...names,
        reason: `It belongs to ${actual}, the log to ${part}.`,
      })
    }
    return { kind: 'message', localHash, page, raw: message.body, part: actual, timestamp: id.timestamp }
  } catch (error) {
    if (!(error instanceof RemoteLogError)) throw error
    const reason = error.message
    if (error.code === 'message-out-of-place') return bad({ kind: 'message-out-of-place', ...names, reason })
    if (error.code === 'message-unreadable' || error.code === 'content-too-large') {
      return bad({ kind: 'message-unreadable', ...names, reason })
    }
    return {
      kind: 'missing',
      missing: { localHash, remoteHash: remoteHashOf(pair), page },
      finding: { kind: 'message-missing', ...names, reason },
    }
  }
}

function remoteHashOf({ remoteHash }: Pair): Address {
  if (remoteHash === null)
    throw new RemoteLogError('message-unreadable', 'It is neither embedded nor mapped.')
  return remoteHash
}
