import { type StreamPartId, streamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import { RemoteLogError } from '../errors.ts'
import { toHex } from '../hex.ts'
import type { Ingest } from '../ports.ts'
import type { Payload } from '../wire/generated/vac/mvds_pb.ts'
import {
  assertWellFormed,
  HASH_BYTES,
  type MvdsMessage,
  mvdsMessageId,
  unwrapStreamMessage,
} from '../wire/mvds-message.ts'
import { MAX_IDS_PER_PAYLOAD, MAX_REFUSED_IDS, REQUEST_WINDOW } from './mvds-limits.ts'
import { type MvdsState, RECORD_TYPE, SQL } from './mvds-state.ts'
import type { PendingAcks } from './pending-acks.ts'

export interface InboxOptions {
  state: MvdsState
  acks: PendingAcks
  ingest: Ingest
  parts: () => readonly StreamPartId[]
  clock: Clock
  logger: Logger
}

/** What follows from a payload that came in. */
export class MvdsInbox {
  readonly #options: InboxOptions
  /** Messages that were not wanted; a peer that offers them again is not asked for them. */
  readonly #refused = new Set<string>()

  constructor(options: InboxOptions) {
    this.#options = options
  }

  async take(peer: number, { acks, offers, requests, messages }: Payload, epoch: number): Promise<void> {
    // Messages first: what is stored with them need not be asked for when it is offered in the same payload.
    await this.#takeMessages(peer, messages)
    await this.#options.state.write([{ sql: SQL.removeOutgoing, rows: acks.map((id) => [peer, id]) }])
    await this.#takeRequests(peer, requests, epoch)
    await this.#takeOffers(peer, offers, epoch)
  }

  async #takeMessages(peer: number, messages: readonly MvdsMessage[]): Promise<void> {
    const { state, acks, ingest, clock } = this.#options
    // 4/MVDS-META: ephemeral messages are not acknowledged and not part of any history, so there is nothing to do.
    const lasting = messages.filter(({ metadata }) => metadata?.ephemeral !== true)
    const named = lasting.map((message) => ({ message, id: mvdsMessageId(message) }))
    const held = await state.held(named.map(({ id }) => id))
    const wanted = named.filter(({ id, message }) => !held.has(toHex(id)) && this.#isWanted(id, message))
    const receivedAt = clock.now()
    const raws = wanted.map(({ message }) => ({ bytes: message.body, source: `mvds:${peer}`, receivedAt }))
    if (raws.length > 0) await ingest(raws)
    const here = named.filter(({ id }) => !this.#refused.has(toHex(id)))
    for (const { id } of here) acks.add(peer, id)
    await state.write([
      { sql: SQL.addHeld, rows: here.map(({ id }) => [id]) },
      { sql: SQL.addShown, rows: here.map(({ id }) => [peer, id]) },
      { sql: SQL.removeRecord, rows: named.map(({ id }) => [peer, id]) },
    ])
  }

  #isWanted(id: Uint8Array, message: MvdsMessage): boolean {
    try {
      const decoded = unwrapStreamMessage(message)
      if (this.#options.parts().includes(streamPartId(decoded.id.streamId, decoded.id.partition))) return true
    } catch (error) {
      if (!(error instanceof RemoteLogError)) throw error
      this.#options.logger.warn({ error }, 'a paired node sent something that is no message')
    }
    if (this.#refused.size >= MAX_REFUSED_IDS) this.#refused.clear()
    this.#refused.add(toHex(id))
    return false
  }

  async #takeRequests(peer: number, requests: readonly Uint8Array[], epoch: number): Promise<void> {
    const { state } = this.#options
    const held = await state.held(requests)
    const rows = requests
      .filter((id) => held.has(toHex(id)))
      .map((id) => [peer, id, RECORD_TYPE.message, epoch])
    await state.write([{ sql: SQL.addRecord, rows }])
  }

  async #takeOffers(peer: number, offers: readonly Uint8Array[], epoch: number): Promise<void> {
    const { state, acks } = this.#options
    const [held, { requests }] = await Promise.all([state.held(offers), state.countRecords(peer)])
    const here = offers.filter((id) => held.has(toHex(id)))
    const missing = offers.filter((id) => !held.has(toHex(id)) && !this.#refused.has(toHex(id)))
    const room = Math.max(0, REQUEST_WINDOW - requests)
    // An offer of what is here is answered at once: that the sender holds a message is what an ACK says.
    for (const id of here) acks.add(peer, id)
    await state.write([
      { sql: SQL.addShown, rows: here.map((id) => [peer, id]) },
      { sql: SQL.removeOutgoing, rows: here.map((id) => [peer, id]) },
      {
        sql: SQL.addRecord,
        rows: missing.slice(0, room).map((id) => [peer, id, RECORD_TYPE.request, epoch]),
      },
    ])
  }
}

/** @throws {RemoteLogError} `message-unreadable` when a payload is not one of MVDS, or beyond its bounds. */
export function assertPayload({ acks, offers, requests, messages }: Payload): void {
  for (const ids of [acks, offers, requests]) {
    if (ids.length > MAX_IDS_PER_PAYLOAD || ids.some((id) => id.length !== HASH_BYTES)) {
      throw new RemoteLogError(
        'message-unreadable',
        'A payload names too many messages, or something that is none.',
      )
    }
  }
  for (const message of messages) assertWellFormed(message)
}
