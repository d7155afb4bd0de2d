import { toHex } from '../hex.ts'

/**
 * Acknowledgements for the next payload of each peer. They are not kept over a restart, as 2/MVDS has it: a peer
 * that misses one sends the message again, and is told again.
 */
export class PendingAcks {
  readonly #byPeer = new Map<number, Map<string, Uint8Array>>()

  add(peer: number, message: Uint8Array): void {
    let waiting = this.#byPeer.get(peer)
    if (waiting === undefined) {
      waiting = new Map()
      this.#byPeer.set(peer, waiting)
    }
    waiting.set(toHex(message), message)
  }

  /** Takes out at most `limit`. */
  take(peer: number, limit: number): Uint8Array[] {
    const waiting = this.#byPeer.get(peer)
    if (waiting === undefined) return []
    const taken = [...waiting].slice(0, limit)
    for (const [key] of taken) waiting.delete(key)
    return taken.map(([, message]) => message)
  }

  forget(peer: number): void {
    this.#byPeer.delete(peer)
  }
}
