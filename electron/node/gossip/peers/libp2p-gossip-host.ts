import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Clock, Logger } from '../../ports.ts'
import type { PeerFault, PeerFaultCode } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import type { Ban, BanList } from './ban-list.ts'
import type { GossipHost, PeerStreamHandler, PeerView } from './host.ts'
import type { GossipServices } from './host-config.ts'
import { peerStream } from './libp2p-stream.ts'
import { type AddressSource, PeerFinder } from './peer-finder.ts'
import { BAN_AT_SCORE, type PeerScores } from './peer-scores.ts'
import type { PeerTable } from './peer-table.ts'
import { TrafficBook } from './traffic.ts'
import type { VouchedPeer } from './vouch.ts'
import { startVouchExchange, type VouchExchange } from './vouch-exchange.ts'

/** A first ban lasts an hour, each further one four times as long, up to 30 days; ms. */
const FIRST_BAN_MS = 3_600_000
const LONGEST_BAN_MS = 30 * 86_400_000
const BAN_GROWTH = 4

export interface Libp2pGossipHostOptions {
  libp2p: Libp2p<GossipServices>
  address: string
  sources: readonly AddressSource[]
  bans: BanList
  scores: PeerScores
  table: PeerTable
  vouchTimeoutMs: number
  clock: Clock
  logger: Logger
}

type PeerListener = (peer: VouchedPeer, event: 'joined' | 'left') => void

/** See `GossipHost`; made by `createGossipHost`. */
export class Libp2pGossipHost implements GossipHost {
  readonly libp2p: Libp2p<GossipServices>
  readonly address: string
  readonly #options: Libp2pGossipHostOptions
  readonly #finder: PeerFinder
  readonly #listeners = new Set<PeerListener>()
  readonly #handling = new Set<Promise<void>>()
  readonly #protocols: string[] = []
  readonly #traffic = new TrafficBook()
  #vouching: VouchExchange | undefined

  constructor(options: Libp2pGossipHostOptions) {
    this.#options = options
    this.libp2p = options.libp2p
    this.address = options.address
    this.#finder = new PeerFinder({
      sources: options.sources,
      connected: () => new Set(this.libp2p.getPeers().map((peerId) => peerId.toString())),
      dial: async (address, signal) => void (await this.libp2p.dial(address, { signal })),
      clock: options.clock,
      logger: options.logger,
    })
  }

  /** @param vouch this node's own statement. */
  async begin(vouch: Uint8Array): Promise<void> {
    this.#vouching = await startVouchExchange({
      libp2p: this.libp2p,
      own: vouch,
      timeoutMs: this.#options.vouchTimeoutMs,
      onVouched: (peer) => this.#join(peer),
      onFault: (peerId, fault) => this.#failVouching(peerId, fault),
    })
    this.libp2p.addEventListener('peer:disconnect', ({ detail }) => this.#leave(detail.toString()))
    this.libp2p.addEventListener('connection:close', ({ detail }) => this.#goOnWithoutRelay(detail))
    this.libp2p.addEventListener('peer:discovery', ({ detail }) => {
      this.#finder.add(
        'lan',
        detail.multiaddrs.map((address) => withPeerId(address, detail.id)),
      )
    })
    this.#finder.start()
  }

  get peerId(): string {
    return this.libp2p.peerId.toString()
  }

  get pubsub(): GossipSub {
    return this.libp2p.services.pubsub
  }

  multiaddrs(): string[] {
    return this.libp2p.getMultiaddrs().map((address) => address.toString())
  }

  peers(): PeerView[] {
    const views = this.libp2p.getConnections().map((connection) => this.#view(connection))
    return views.sort((a, b) => Number(a.address === null) - Number(b.address === null))
  }

  vouched(): VouchedPeer[] {
    return this.#options.table.all()
  }

  async dial(address: string, signal?: AbortSignal): Promise<void> {
    await this.libp2p.dial(multiaddr(address), signal === undefined ? {} : { signal })
  }

  async open(peerId: string, protocol: string, signal: AbortSignal): Promise<PeerStream> {
    const stream = await this.libp2p.dialProtocol(peerIdFromString(peerId), protocol, {
      signal,
      runOnLimitedConnection: true,
    })
    return peerStream(stream, this.#traffic.meterOf(peerId))
  }

  async handle(protocol: string, maxStreams: number, handler: PeerStreamHandler): Promise<void> {
    this.#protocols.push(protocol)
    const answer = async (stream: Stream, connection: Connection): Promise<void> => {
      const bytes = peerStream(stream, this.#traffic.meterOf(connection.remotePeer.toString()))
      // A peer may ask right after it connected, while its statement is still on its way.
      const peer = await this.#options.table.whenVouched(
        connection.remotePeer.toString(),
        this.#options.vouchTimeoutMs,
      )
      if (peer === undefined) bytes.abort(new Error('The peer has not vouched for itself.'))
      else await handler(bytes, peer)
    }
    await this.libp2p.handle(
      protocol,
      (stream, connection) => {
        const handled = answer(stream, connection).catch((error: unknown) => {
          this.#options.logger.warn({ protocol, error }, 'a peer could not be answered')
          stream.abort(error instanceof Error ? error : new Error(String(error)))
        })
        this.#handling.add(handled)
        void handled.finally(() => this.#handling.delete(handled))
      },
      { maxInboundStreams: maxStreams, runOnLimitedConnection: true },
    )
  }

  report(peerId: string, happened: 'answered' | { fault: PeerFault } | { suspicion: PeerFaultCode }): void {
    const { scores, logger } = this.#options
    const who = this.#nameOf(peerId)
    if (happened === 'answered') {
      scores.answered(who)
      return
    }
    const score = 'fault' in happened ? scores.fault(who, happened.fault.code) : scores.suspicion(who)
    const code = 'fault' in happened ? happened.fault.code : happened.suspicion
    logger.info({ peerId, who, code, score }, 'a peer did not do as the protocol asks')
    if (score <= BAN_AT_SCORE) this.#banForScore(peerId, who, code)
  }

  scoreOf(peerId: string): number {
    return this.#options.scores.scoreOf(this.#nameOf(peerId))
  }

  bans(): Ban[] {
    return this.#options.bans.list()
  }

  isBanned(peerId: string): boolean {
    const { bans } = this.#options
    return bans.isBanned(peerId) || bans.isBanned(this.#nameOf(peerId))
  }

  async ban(who: string, reason: string, untilMs: number | null): Promise<void> {
    const peers = this.vouched().filter(({ peerId, address }) => peerId === who || address === who)
    // Its peers go by their ids too, so that they are refused before they have vouched.
    const along = peers.map(({ peerId }) => peerId)
    await this.#options.bans.ban(who, reason, untilMs, along)
    for (const peerId of along) await this.#hangUp(peerId)
    if (peers.length === 0 && !who.startsWith('0x')) await this.#hangUp(who)
  }

  async liftBan(who: string): Promise<void> {
    const lifted = await this.#options.bans.lift(who)
    for (const name of [who, ...lifted]) this.#options.scores.forget(name)
  }

  onPeer(listener: PeerListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    await this.#finder.stop()
    await this.#vouching?.stop()
    await this.libp2p.unhandle(this.#protocols)
    await this.libp2p.stop()
    await Promise.all(this.#handling)
    await this.#options.bans.close()
  }

  #join(peer: VouchedPeer): void {
    const { bans, scores, table, logger } = this.#options
    if (bans.isBanned(peer.address)) {
      void this.#hangUp(peer.peerId)
      return
    }
    if (!table.add(peer)) {
      logger.info(peer, 'a Streamr address has more peers than it may')
      void this.#hangUp(peer.peerId)
      return
    }
    scores.merge(peer.peerId, peer.address)
    for (const listener of this.#listeners) listener(peer, 'joined')
  }

  #leave(peerId: string): void {
    this.#traffic.forget(peerId)
    const peer = this.#options.table.get(peerId)
    if (peer === undefined) return
    this.#options.table.remove(peerId)
    for (const listener of this.#listeners) listener(peer, 'left')
  }

  /**
   * Streams that stay open end with the relayed connection they were on, pubsub's above all. When a direct one has
   * taken its place, who the peer is goes round once more, so that they are opened on that.
   */
  #goOnWithoutRelay(closed: Connection): void {
    if (closed.limits === undefined) return
    const left = this.libp2p
      .getConnections(closed.remotePeer)
      .find(({ status, limits }) => status === 'open' && limits === undefined)
    if (left === undefined) return
    const signal = AbortSignal.timeout(this.#options.vouchTimeoutMs)
    this.libp2p.services.identify.identify(left, { signal }).catch((error: unknown) => {
      this.#options.logger.debug({ error }, 'a peer said nothing more of itself')
    })
  }

  #failVouching(peerId: PeerId, fault: PeerFault): void {
    this.report(peerId.toString(), { fault })
    if (fault.isLie) void this.#hangUp(peerId.toString())
  }

  #banForScore(peerId: string, who: string, code: PeerFaultCode): void {
    const { bans, clock, logger } = this.#options
    const lastsMs = Math.min(LONGEST_BAN_MS, FIRST_BAN_MS * BAN_GROWTH ** bans.times(who))
    this.ban(who, code, clock.now() + lastsMs).catch((error: unknown) => {
      logger.error({ peerId, who, error }, 'a ban could not be kept')
    })
  }

  async #hangUp(peerId: string): Promise<void> {
    try {
      await this.libp2p.hangUp(peerIdFromString(peerId))
    } catch (error) {
      this.#options.logger.debug({ peerId, error }, 'a connection did not close cleanly')
    }
  }

  #nameOf(peerId: string): string {
    return this.#options.table.get(peerId)?.address ?? peerId
  }

  #view(connection: Connection): PeerView {
    const peerId = connection.remotePeer.toString()
    return {
      peerId,
      address: this.#options.table.get(peerId)?.address ?? null,
      score: this.scoreOf(peerId),
      multiaddrs: [connection.remoteAddr.toString()],
      direction: connection.direction,
      connectedSince: connection.timeline.open,
      roundTripMs: connection.rtt ?? null,
      isRelayed: connection.limits !== undefined,
      traffic: { ...this.#traffic.meterOf(peerId) },
    }
  }
}

function withPeerId(address: Multiaddr, peerId: PeerId): string {
  const text = address.toString()
  return text.includes('/p2p/') ? text : `${text}/p2p/${peerId.toString()}`
}
