import type { StreamPartId } from '../../../shared/message.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { openNextKey } from '../message/open-content.ts'
import type { ContentKeyRecord, OpenedMessage, StoredMessage } from '../ports.ts'
import type { KeyRing } from './key-ring.ts'
import { MAX_OPENED_AT_ONCE } from './limits.ts'
import type { Stretch } from './new-messages.ts'
import type { EncryptedStore } from './ports.ts'

/** A key that stood in a message, encrypted with the key before it. */
export interface FoundKey {
  publisher: string
  id: string
}

export interface StretchOpenerOptions {
  store: EncryptedStore
  keys: KeyRing
  /** A message names a key that is not on the ring. */
  onMissing: (record: Omit<ContentKeyRecord, 'key'>) => void
}

/** Goes through stored messages and has the store show the content of those whose key is there. */
export class StretchOpener {
  readonly #options: StretchOpenerOptions

  constructor(options: StretchOpenerOptions) {
    this.#options = options
  }

  /** @returns keys that were not on the ring before and stood in the messages that were opened */
  async open(stretch: Stretch, signal: AbortSignal): Promise<FoundKey[]> {
    const found: FoundKey[] = []
    for await (const batch of this.#options.store.query(stretch, signal)) {
      for (let at = 0; at < batch.length; at += MAX_OPENED_AT_ONCE) {
        found.push(...(await this.#openBatch(stretch.part, batch.slice(at, at + MAX_OPENED_AT_ONCE))))
      }
    }
    return found
  }

  async #openBatch(
    part: StreamPartId,
    batch: readonly Pick<StoredMessage, 'id' | 'encrypted' | 'raw'>[],
  ): Promise<FoundKey[]> {
    const { store, keys, onMissing } = this.#options
    const records = new Map<string, ContentKeyRecord>()
    const opened: OpenedMessage[] = []
    const found: FoundKey[] = []
    const remember = (
      publisher: string,
      id: string,
      key: Uint8Array | null,
      timestamp: number,
    ): ContentKeyRecord => {
      const name = `${publisher} ${id}`
      const record = records.get(name) ?? {
        publisher,
        id,
        part,
        key,
        firstTimestamp: timestamp,
        lastTimestamp: timestamp,
      }
      record.firstTimestamp = Math.min(record.firstTimestamp, timestamp)
      record.lastTimestamp = Math.max(record.lastTimestamp, timestamp)
      record.key ??= key
      records.set(name, record)
      return record
    }
    for (const { id: messageId, encrypted, raw } of batch) {
      if (!encrypted) continue
      const { publisher, timestamp } = messageId
      const { body } = decodeStreamMessage(raw)
      if (body.kind !== 'content' || body.groupKeyId === undefined) continue
      const key = keys.find(publisher, body.groupKeyId)
      remember(publisher, body.groupKeyId, key ?? null, timestamp)
      if (key === undefined) continue
      opened.push({ part, publisher, timestamp })
      const next = body.newGroupKey && openNextKey(body.newGroupKey, key)
      if (body.newGroupKey === undefined || next === undefined) continue
      if (keys.find(publisher, body.newGroupKey.id) !== undefined) continue
      keys.add(publisher, body.newGroupKey.id, next)
      remember(publisher, body.newGroupKey.id, next, timestamp)
      found.push({ publisher, id: body.newGroupKey.id })
    }
    if (records.size === 0) return found
    await store.openContents([...records.values()], opened)
    for (const record of records.values()) if (record.key === null) onMissing(record)
    return found
  }
}
