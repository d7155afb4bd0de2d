import type { StreamPartId } from '../../../shared/message.ts'
import type { ResendStore } from './resend-store.ts'

/** What `/metadata` answers; timestamps are ms since the epoch, and 0 where nothing is stored. */
export interface PartMetadata {
  totalBytes: number
  totalMessages: number
  firstMessage: number
  lastMessage: number
}

export async function readPartMetadata(store: ResendStore, part: StreamPartId | null): Promise<PartMetadata> {
  const known = (await store.statistics()).find((entry) => entry.part === part)
  return {
    totalBytes: known?.sizeBytes ?? 0,
    totalMessages: known === undefined ? 0 : known.verdicts.verified + known.verdicts.pending,
    firstMessage: known?.firstTimestamp ?? 0,
    lastMessage: known?.lastTimestamp ?? 0,
  }
}
