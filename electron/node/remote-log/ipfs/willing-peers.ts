import type { Libp2p, PeerId } from '@libp2p/interface'
import { AVOID_FAILED_PEER_MS, MAX_PEERS_ASKED } from './limits.ts'

export type PeerHost = Pick<Libp2p, 'getPeers' | 'peerStore'>

/** Connected peers that are worth asking by a protocol: those that speak it and did not fail lately. */
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

  /** Whoever helped last comes first: a log mostly comes from one node. */
  async *list(): AsyncGenerator<PeerId> {
    const connected = this.#host.getPeers()
    this.#forgetThoseGone(connected)
    const helper = this.#lastHelper
    const ordered = connected.toSorted((a, b) => Number(helper?.equals(b)) - Number(helper?.equals(a)))
    let asked = 0
    for (const peer of ordered) {
      if (asked === MAX_PEERS_ASKED) return
      if (this.#isAvoided(peer) || !(await this.#speaksIt(peer))) continue
      asked += 1
      yield peer
    }
  }

  helped(peer: PeerId): void {
    this.#lastHelper = peer
    this.#avoidUntil.delete(peer.toString())
  }

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

  /** False only once the peer has said what it speaks: just after it connected, it is asked to see. */
  async #speaksIt(peer: PeerId): Promise<boolean> {
    const known = await this.#host.peerStore.get(peer).catch(() => null)
    if (known === null) return false
    return !known.metadata.has('AgentVersion') || known.protocols.includes(this.#protocol)
  }
}
