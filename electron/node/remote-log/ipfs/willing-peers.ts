import type { Libp2p, PeerId } from '@libp2p/interface'
import { AVOID_FAILED_PEER_MS, MAX_PEERS_ASKED } from './limits.ts'

export type PeerHost = Pick<Libp2p, 'getPeers' | 'peerStore'>

/** Connected peers that are worth asking by a protocol: those that did not fail lately, the likeliest first. */
export class WillingPeers {
  readonly #host: PeerHost
  readonly #protocol: string
  /** When each of those that failed may be asked again, by peer id. */
  readonly #avoidUntil = new Map<string, number>()
  #lastHelper: PeerId | null = null

  constructor(host: PeerHost, protocol: string) {
    this.#host = host
    this.#protocol = protocol
  }

  /**
   * Whoever helped last comes first, a log mostly comes from one node; then those that say they speak the protocol,
   * then the others: a peer may have learnt it since it connected.
   */
  async *list(): AsyncGenerator<PeerId> {
    const connected = this.#host.getPeers()
    this.#forgetThoseGone(connected)
    const ranked = await Promise.all(
      connected
        .filter((peer) => !this.#isAvoided(peer))
        .map(async (peer) => ({ peer, rank: await this.#rank(peer) })),
    )
    const best = ranked.toSorted((a, b) => a.rank - b.rank).slice(0, MAX_PEERS_ASKED)
    for (const { peer } of best) yield peer
  }

  helped(peer: PeerId): void {
    this.#lastHelper = peer
    this.#avoidUntil.delete(peer.toString())
  }

  /** Also of one that turned out not to speak the protocol. */
  failed(peer: PeerId): void {
    this.#avoidUntil.set(peer.toString(), performance.now() + AVOID_FAILED_PEER_MS)
  }

  #isAvoided(peer: PeerId): boolean {
    return (this.#avoidUntil.get(peer.toString()) ?? 0) > performance.now()
  }

  #forgetThoseGone(connected: readonly PeerId[]): void {
    const ids = new Set(connected.map(String))
    for (const id of this.#avoidUntil.keys()) if (!ids.has(id)) this.#avoidUntil.delete(id)
    if (this.#lastHelper !== null && !ids.has(this.#lastHelper.toString())) this.#lastHelper = null
  }

  async #rank(peer: PeerId): Promise<number> {
    if (this.#lastHelper?.equals(peer)) return 0
    const known = await this.#host.peerStore.get(peer).catch(() => null)
    return known?.protocols.includes(this.#protocol) ? 1 : 2
  }
}
