/** Bytes on the streams of this node's own protocols, handshakes and pubsub not counted. */
export interface TrafficMeter {
  sentBytes: number
  receivedBytes: number
}

/** Counts the bytes exchanged with each connected peer; a peer that left is forgotten. */
export class TrafficBook {
  readonly #meters = new Map<string, TrafficMeter>()

  meterOf(peerId: string): TrafficMeter {
    let meter = this.#meters.get(peerId)
    if (meter === undefined) {
      meter = { sentBytes: 0, receivedBytes: 0 }
      this.#meters.set(peerId, meter)
    }
    return meter
  }

  forget(peerId: string): void {
    this.#meters.delete(peerId)
  }
}
