import { create } from '@bufbuild/protobuf'
import type { StreamPartId } from '../../../../shared/message.ts'
import { toHex } from '../hex.ts'
import type { LogSource } from '../ports.ts'
import { type Payload, PayloadSchema } from '../wire/generated/vac/mvds_pb.ts'
import {
  encodeMvdsMessage,
  type MvdsMessage,
  mvdsMessageId,
  wrapStreamMessage,
} from '../wire/mvds-message.ts'
import {
  MAX_IDS_PER_PAYLOAD,
  MAX_MESSAGE_SENDS,
  OUTGOING_WINDOW,
  PAYLOAD_MESSAGES_BYTES,
} from './mvds-limits.ts'
import type { MvdsMode } from './mvds-mode.ts'
import { type DueRecord, type MvdsState, RECORD_TYPE, SQL } from './mvds-state.ts'
import type { PendingAcks } from './pending-acks.ts'
import { waitAfterSend } from './retransmission.ts'

/** Messages of the local log looked through at a time. */
const SCAN = { maxEntries: 1_024, maxBytes: 4_194_304 }

/** Places so near to each other are read together: reading what lies between costs less than another call. */
const NEAR = 32

export interface OutboxOptions {
  state: MvdsState
  acks: PendingAcks
  source: LogSource
  parts: () => readonly StreamPartId[]
  mode: () => MvdsMode
}

interface Loaded {
  messages: MvdsMessage[]
  sent: DueRecord[]
  /** Retention has removed these from the local log. */
  gone: DueRecord[]
}

/** What is to be said to a peer. */
export class MvdsOutbox {
  readonly #options: OutboxOptions

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Everything that is due for a peer, within the bounds of one payload; null when that is nothing. */
  async compose(peer: number, epoch: number): Promise<Payload | null> {
    await this.#scan()
    await this.#feed(peer, epoch)
    const { state, acks: pendingAcks } = this.#options
    const [offers, requests, due] = await Promise.all([
      state.due(peer, 'offer', epoch, MAX_IDS_PER_PAYLOAD),
      state.due(peer, 'request', epoch, MAX_IDS_PER_PAYLOAD),
      state.due(peer, 'message', epoch, MAX_IDS_PER_PAYLOAD),
    ])
    const tired = due.filter(({ sendCount }) => sendCount >= MAX_MESSAGE_SENDS)
    const { messages, sent, gone } = await this.#load(
      due.filter(({ sendCount }) => sendCount < MAX_MESSAGE_SENDS),
    )
    const acks = pendingAcks.take(peer, MAX_IDS_PER_PAYLOAD)
    await state.write([
      {
        sql: SQL.sent,
        rows: [...offers, ...requests, ...sent].map(({ message, sendCount }) => [
          sendCount + 1,
          epoch + waitAfterSend(sendCount + 1),
          peer,
          message,
        ]),
      },
      { sql: SQL.addRecord, rows: tired.map(({ message }) => [peer, message, RECORD_TYPE.offer, epoch + 1]) },
      { sql: SQL.removeRecord, rows: gone.map(({ message }) => [peer, message]) },
    ])
    if (acks.length + offers.length + requests.length + messages.length === 0) return null
    return create(PayloadSchema, { acks, offers: idsOf(offers), requests: idsOf(requests), messages })
  }

  /** Learns the ids of what was stored since the last look, whoever brought it. */
  async #scan(): Promise<void> {
    const { state, source, parts } = this.#options
    for (const part of parts()) {
      const { id, position } = await state.scanned(part)
      const entries = await source.read(part, position, SCAN)
      const last = entries.at(-1)
      if (last === undefined) continue
      const rows = entries.map((entry) => [idOf(part, entry.timestamp, entry.raw), id, entry.position])
      await state.write([
        { sql: SQL.locateHeld, rows },
        { sql: SQL.saveScan, rows: [[last.position, id]] },
      ])
    }
  }

  /** Takes up more of the local log for a peer, as far as its window of records has room. */
  async #feed(peer: number, epoch: number): Promise<void> {
    const { state, source, parts, mode } = this.#options
    const type = mode() === 'batch' ? RECORD_TYPE.message : RECORD_TYPE.offer
    let { outgoing } = await state.countRecords(peer)
    for (const part of parts()) {
      const room = Math.min(SCAN.maxEntries, OUTGOING_WINDOW - outgoing)
      if (room <= 0) return
      const { id: partId } = await state.scanned(part)
      const position = await state.fed(peer, partId)
      const entries = await source.read(part, position, { ...SCAN, maxEntries: room })
      const last = entries.at(-1)
      if (last === undefined) continue
      const ids = entries.map(({ timestamp, raw }) => idOf(part, timestamp, raw))
      const shown = await state.shown(peer, ids)
      const unseen = ids.filter((id) => !shown.has(toHex(id)))
      outgoing += unseen.length
      await state.write([
        { sql: SQL.addRecord, rows: unseen.map((id) => [peer, id, type, epoch]) },
        { sql: SQL.removeShown, rows: ids.map((id) => [peer, id]) },
        { sql: SQL.saveFeed, rows: [[peer, partId, last.position]] },
      ])
    }
  }

  /** Messages until the payload has enough of them, read from the local log in a few strokes. */
  async #load(due: readonly DueRecord[]): Promise<Loaded> {
    const held = await this.#options.state.held(due.map(({ message }) => message))
    // What was stored a moment ago and not looked through yet has no place: its turn comes with the next epoch.
    const places = due.flatMap((record): Place[] => {
      const { part, position } = held.get(toHex(record.message)) ?? {}
      return part == null || position == null ? [] : [{ record, part, position }]
    })
    const loaded: Loaded = { messages: [], sent: [], gone: [] }
    let sizeBytes = 0
    for (const stroke of strokesOf(places)) {
      if (sizeBytes >= PAYLOAD_MESSAGES_BYTES) break
      const { messages, readUpTo } = await this.#read(stroke)
      for (const { record, position } of stroke) {
        const message = messages.get(toHex(record.message))
        if (message !== undefined) {
          loaded.messages.push(message)
          loaded.sent.push(record)
          sizeBytes += encodeMvdsMessage(message).length
        } else if (position <= readUpTo) {
          loaded.gone.push(record)
        }
      }
    }
    return loaded
  }

  async #read(stroke: readonly Place[]): Promise<{ messages: Map<string, MvdsMessage>; readUpTo: number }> {
    const [first] = stroke
    const last = stroke.at(-1)
    if (first === undefined || last === undefined) return { messages: new Map(), readUpTo: 0 }
    const { part } = first
    const maxEntries = last.position - first.position + 1
    const entries = await this.#options.source.read(part, first.position - 1, {
      maxEntries,
      maxBytes: PAYLOAD_MESSAGES_BYTES,
    })
    const messages = entries.map(({ timestamp, raw }) => wrapStreamMessage(part, timestamp, raw))
    // An answer shorter than it might be has stopped at its bounds, or at the end of the log.
    const isWhole = entries.length === 0 || (entries.at(-1)?.position ?? 0) >= last.position
    return {
      messages: new Map(messages.map((message) => [toHex(mvdsMessageId(message)), message])),
      readUpTo: isWhole ? last.position : (entries.at(-1)?.position ?? 0),
    }
  }
}

interface Place {
  record: DueRecord
  part: StreamPartId
  position: number
}

/** Groups places of one part that lie close enough together to be read at once. */
function strokesOf(places: readonly Place[]): Place[][] {
  const sorted = places.toSorted((a, b) =>
    a.part === b.part ? a.position - b.position : a.part < b.part ? -1 : 1,
  )
  const strokes: Place[][] = []
  for (const place of sorted) {
    const stroke = strokes.at(-1)
    const before = stroke?.at(-1)
    const isNear = before?.part === place.part && place.position - before.position <= NEAR
    if (stroke !== undefined && isNear && stroke.length < SCAN.maxEntries) stroke.push(place)
    else strokes.push([place])
  }
  return strokes
}

const idsOf = (records: readonly DueRecord[]) => records.map(({ message }) => message)

function idOf(part: StreamPartId, timestamp: number, raw: Uint8Array): Uint8Array {
  return mvdsMessageId(wrapStreamMessage(part, timestamp, raw))
}
