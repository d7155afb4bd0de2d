import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { Database } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import type { Ingest, LogSource } from '../ports.ts'
import type { Payload } from '../wire/generated/vac/mvds_pb.ts'
import { assertPayload, MvdsInbox } from './mvds-inbox.ts'
import { MAX_PEERS } from './mvds-limits.ts'
import type { MvdsMode } from './mvds-mode.ts'
import { MvdsOutbox } from './mvds-outbox.ts'
import { MvdsState, type PairedPeer, SQL } from './mvds-state.ts'
import { PendingAcks } from './pending-acks.ts'

export interface MvdsNodeOptions {
  /** A file opened with `MVDS_MIGRATIONS`. */
  database: Database
  /** What this node holds, in order of storing. */
  source: LogSource
  ingest: Ingest
  /** Stream parts that are kept in step with paired nodes. */
  parts: () => readonly StreamPartId[]
  mode: () => MvdsMode
  clock: Clock
  logger: Logger
}

/**
 * 2/MVDS with 4/MVDS-META, without a transport: who is paired, what is to be sent in an epoch, what follows from
 * what came in. Everything but acknowledgements is on disk, so that a restart changes nothing.
 */
export interface MvdsNode {
  peers(): Promise<PairedPeer[]>
  /** How many messages wait for a peer, and how many from it are waited for. */
  waiting(peer: string): Promise<{ outgoing: number; requests: number }>
  /** @throws {RemoteLogError} `store-refused` when too many are paired already */
  addPeer(peer: string, label: string): Promise<void>
  /** Forgets a peer and everything that was to be sent to it. */
  removePeer(peer: string): Promise<void>
  beginEpoch(): Promise<void>
  /** The one payload a peer gets in this epoch; null when there is nothing to say, or it was given out already. */
  nextPayload(peer: string): Promise<Payload | null>
  /**
   * @throws {RemoteLogError} `message-unreadable` when the peer does not keep to the protocol, `store-refused` when
   * it is not paired
   */
  receive(peer: string, payload: Payload): Promise<void>
  /** The peer can be reached again: what waits for it is due at once. */
  wake(peer: string): Promise<void>
}

const TABLES_OF_PEER = ['record', 'shown', 'feed']

class Node implements MvdsNode {
  readonly #clock: Clock
  readonly #state: MvdsState
  readonly #acks: PendingAcks
  readonly #inbox: MvdsInbox
  readonly #outbox: MvdsOutbox
  readonly #servedInEpoch = new Set<number>()
  #epoch: number
  #running: Promise<unknown> = Promise.resolve()

  constructor(
    { source, ingest, parts, mode, clock, logger }: MvdsNodeOptions,
    state: MvdsState,
    epoch: number,
  ) {
    this.#clock = clock
    this.#state = state
    this.#epoch = epoch
    const acks = new PendingAcks()
    this.#acks = acks
    this.#inbox = new MvdsInbox({ state, acks, ingest, parts, clock, logger })
    this.#outbox = new MvdsOutbox({ state, acks, source, parts, mode })
  }

  peers(): Promise<PairedPeer[]> {
    return this.#state.peers()
  }

  async waiting(peer: string): Promise<{ outgoing: number; requests: number }> {
    const id = await this.#idOf(peer)
    return id === null ? { outgoing: 0, requests: 0 } : this.#state.countRecords(id)
  }

  addPeer(peer: string, label: string): Promise<void> {
    return this.#inTurn(async () => {
      const known = await this.#state.peers()
      if (known.length >= MAX_PEERS && !known.some((paired) => paired.peer === peer)) {
        throw new RemoteLogError('store-refused', `At most ${MAX_PEERS} nodes can be paired.`)
      }
      await this.#state.write([{ sql: SQL.addPeer, rows: [[peer, label, this.#clock.now()]] }])
    })
  }

  removePeer(peer: string): Promise<void> {
    return this.#inTurn(async () => {
      const id = await this.#idOf(peer)
      if (id === null) return
      this.#acks.forget(id)
      await this.#state.write([
        ...TABLES_OF_PEER.map((table) => ({ sql: `DELETE FROM ${table} WHERE peer = ?`, rows: [[id]] })),
        { sql: 'DELETE FROM peer WHERE id = ?', rows: [[id]] },
      ])
    })
  }

  beginEpoch(): Promise<void> {
    return this.#inTurn(async () => {
      this.#epoch += 1
      this.#servedInEpoch.clear()
      await this.#state.write([{ sql: SQL.saveEpoch, rows: [[this.#epoch]] }])
    })
  }

  wake(peer: string): Promise<void> {
    return this.#inTurn(async () => {
      const id = await this.#idOf(peer)
      if (id !== null) await this.#state.write([{ sql: SQL.wake, rows: [[this.#epoch, id]] }])
    })
  }

  nextPayload(peer: string): Promise<Payload | null> {
    return this.#inTurn(async () => {
      const id = await this.#idOf(peer)
      if (id === null || this.#servedInEpoch.has(id)) return null
      const payload = await this.#outbox.compose(id, this.#epoch)
      if (payload !== null) this.#servedInEpoch.add(id)
      return payload
    })
  }

  receive(peer: string, payload: Payload): Promise<void> {
    return this.#inTurn(async () => {
      const id = await this.#idOf(peer)
      if (id === null) throw new RemoteLogError('store-refused', 'The sender is not paired with this node.')
      assertPayload(payload)
      await this.#inbox.take(id, payload, this.#epoch)
    })
  }

  async #idOf(peer: string): Promise<number | null> {
    const peers = await this.#state.peers()
    return peers.find((paired) => paired.peer === peer)?.id ?? null
  }

  /** One thing at a time: a payload is composed of one state, and what comes in changes a whole one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#running.then(work)
    this.#running = turn.catch(() => undefined)
    return turn
  }
}

export async function createMvdsNode(options: MvdsNodeOptions): Promise<MvdsNode> {
  const state = new MvdsState(options.database)
  return new Node(options, state, await state.epoch())
}
