import { MAX_PEERS_PER_ADDRESS } from '../limits.ts'
import type { VouchedPeer } from './vouch.ts'

/** Connected peers that have vouched for a Streamr address. */
export class PeerTable {
  readonly #byPeerId = new Map<string, VouchedPeer>()
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Takes a peer in, unless its address has as many peers as it may; says whether it did. */
  add(peer: VouchedPeer): boolean {
    const others = this.all().filter(
      ({ address, peerId }) => address === peer.address && peerId !== peer.peerId,
    )
    if (others.length >= MAX_PEERS_PER_ADDRESS) return false
    this.#byPeerId.set(peer.peerId, peer)
    for (const wake of this.#waiting.get(peer.peerId) ?? []) wake()
    this.#waiting.delete(peer.peerId)
    return true
  }

  remove(peerId: string): void {
    this.#byPeerId.delete(peerId)
  }

  all(): VouchedPeer[] {
    return [...this.#byPeerId.values()]
  }

  get(peerId: string): VouchedPeer | undefined {
    return this.#byPeerId.get(peerId)
  }

  /** The peer once it has vouched; `undefined` when it has not within `timeoutMs`. */
  async whenVouched(peerId: string, timeoutMs: number): Promise<VouchedPeer | undefined> {
    if (!this.#byPeerId.has(peerId)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        const wake = (): void => {
          clearTimeout(timer)
          resolve()
        }
        this.#waiting.set(peerId, [...(this.#waiting.get(peerId) ?? []), wake])
      })
    }
    return this.#byPeerId.get(peerId)
  }
}
