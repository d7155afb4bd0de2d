import { setTimeout as sleep } from 'node:timers/promises'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import type { Clock, Logger, Startable } from '../../ports.ts'
import { RemoteLogError } from '../errors.ts'
import { type Payload, PayloadSchema } from '../wire/generated/vac/mvds_pb.ts'
import { EPOCH_MS, MAX_PAYLOAD_BYTES } from './mvds-limits.ts'
import type { MvdsNode } from './mvds-node.ts'

/** One stream carries one payload: its length as varint, then `vac.mvds.Payload`. */
export const MVDS_PROTOCOL = '/tidemark/mvds/1.0.0'

/** A payload has arrived, and has been stored on the other side, within this time. */
const DELIVERY_TIMEOUT_MS = 30_000
/** How often a paired node that is not connected is looked for. */
const DIAL_INTERVAL_MS = 30_000
const DIAL_TIMEOUT_MS = 10_000
/** A peer sends one payload an epoch and waits for it to be taken; a few may overlap after a reconnect. */
const MAX_STREAMS = 4

/** What is used of libp2p. */
export type MvdsHost = Pick<
  Libp2p,
  | 'peerId'
  | 'handle'
  | 'unhandle'
  | 'dialProtocol'
  | 'getConnections'
  | 'addEventListener'
  | 'removeEventListener'
>

export interface MvdsSyncOptions {
  host: MvdsHost
  node: MvdsNode
  epochMs?: number
  clock: Clock
  logger: Logger
}

/** Carries MVDS over libp2p between paired nodes: beats the epochs, one payload each, and takes what comes. */
class Sync implements Startable {
  readonly #options: MvdsSyncOptions
  readonly #stopping = new AbortController()
  readonly #sending = new Map<string, Promise<void>>()
  readonly #receiving = new Set<Promise<void>>()
  readonly #lookedForAt = new Map<string, number>()
  #beat: Promise<void> = Promise.resolve()

  constructor(options: MvdsSyncOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { host } = this.#options
    await host.handle(MVDS_PROTOCOL, this.#onStream, {
      maxInboundStreams: MAX_STREAMS,
      maxOutboundStreams: MAX_STREAMS,
      runOnLimitedConnection: true,
    })
    host.addEventListener('peer:connect', this.#onConnect)
    this.#beat = this.#beatEpochs()
  }

  async stop(): Promise<void> {
    const { host } = this.#options
    this.#stopping.abort(new Error('MVDS is stopping'))
    host.removeEventListener('peer:connect', this.#onConnect)
    await host.unhandle(MVDS_PROTOCOL)
    await Promise.allSettled([this.#beat, ...this.#sending.values(), ...this.#receiving])
  }

  async #beatEpochs(): Promise<void> {
    const { node, epochMs = EPOCH_MS, logger } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const peers = await node.peers()
        if (peers.length > 0) await node.beginEpoch()
        for (const { peer } of peers) this.#serve(peer)
      } catch (error) {
        logger.error({ error }, 'an epoch of MVDS failed')
      }
      await sleep(epochMs, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  /** Sends a peer what is due, unless it is still busy with the payload before: that is the back-pressure. */
  #serve(peer: string): void {
    if (this.#sending.has(peer) || !this.#isWorthTrying(peer)) return
    const sending = this.#send(peer)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          this.#options.logger.debug({ error, peer }, 'a payload was not delivered')
      })
      .finally(() => this.#sending.delete(peer))
    this.#sending.set(peer, sending)
  }

  #isWorthTrying(peer: string): boolean {
    if (this.#isConnected(peer)) return true
    const now = this.#options.clock.now()
    if (now - (this.#lookedForAt.get(peer) ?? Number.NEGATIVE_INFINITY) < DIAL_INTERVAL_MS) return false
    this.#lookedForAt.set(peer, now)
    return true
  }

  async #send(peer: string): Promise<void> {
    const { node } = this.#options
    // A payload counts as sent once it is composed, so one who is not there is looked for first.
    const opened = this.#isConnected(peer) ? null : await this.#open(peer)
    const payload = await node.nextPayload(peer)
    if (payload === null) return opened?.close()
    const stream = opened ?? (await this.#open(peer))
    try {
      await this.#deliver(stream, payload)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('not delivered'))
      throw error
    }
  }

  #open(peer: string): Promise<Stream> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    return this.#options.host.dialProtocol(peerIdFromString(peer), MVDS_PROTOCOL, {
      signal,
      runOnLimitedConnection: true,
    })
  }

  #isConnected(peer: string): boolean {
    return this.#options.host.getConnections(peerIdFromString(peer)).length > 0
  }

  async #deliver(stream: Stream, payload: Payload): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)])
    const frames = lpStream(stream, { maxDataLength: 1, maxBufferSize: 64 })
    await frames.write(toBinary(PayloadSchema, payload), { signal })
    // The other side answers with an empty frame when everything is stored.
    await frames.read({ signal })
    await stream.close({ signal })
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const receiving = this.#receive(stream, connection.remotePeer)
      .catch((error: unknown) => {
        this.#options.logger.debug(
          { error, peer: connection.remotePeer.toString() },
          'a payload was not taken',
        )
        stream.abort(error instanceof Error ? error : new Error('not taken'))
      })
      .finally(() => this.#receiving.delete(receiving))
    this.#receiving.add(receiving)
  }

  async #receive(stream: Stream, remotePeer: PeerId): Promise<void> {
    const { node } = this.#options
    const peer = remotePeer.toString()
    // Before a byte is read: a stranger gets nothing to make us keep.
    const isPaired = (await node.peers()).some((paired) => paired.peer === peer)
    if (!isPaired) throw new RemoteLogError('store-refused', 'The sender is not paired with this node.')
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)])
    const frames = lpStream(stream, {
      maxDataLength: MAX_PAYLOAD_BYTES,
      maxBufferSize: MAX_PAYLOAD_BYTES + 16,
    })
    const bytes = (await frames.read({ signal })).subarray()
    await node.receive(peer, fromBinary(PayloadSchema, bytes, { readUnknownFields: false }))
    await frames.write(new Uint8Array(0), { signal })
    await stream.close({ signal })
  }

  readonly #onConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const peer = detail.toString()
    this.#lookedForAt.delete(peer)
    this.#options.node.wake(peer).catch((error: unknown) => {
      this.#options.logger.warn({ error, peer }, 'a paired node is back and could not be woken')
    })
  }
}

export function createMvdsSync(options: MvdsSyncOptions): Startable {
  return new Sync(options)
}
