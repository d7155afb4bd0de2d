import type { Clock } from '../../ports.ts'
import type { ChannelRecord } from '../file/channel-table.ts'
import type { ChannelDeliveries } from '../file/delivery-table.ts'

interface Beat {
  at: number
  lastDeliveredAt: number | null
  problem: string | null
}

/** Calls the dead man's switches while all is well. One that fails is called again when it is due again. */
export class Heartbeats {
  readonly #clock: Clock
  readonly #ping: (channel: ChannelRecord) => Promise<string | null>
  readonly #beats = new Map<string, Beat>()
  readonly #running = new Set<Promise<void>>()

  /** @param ping answers what went wrong, or null */
  constructor(clock: Clock, ping: (channel: ChannelRecord) => Promise<string | null>) {
    this.#clock = clock
    this.#ping = ping
  }

  beat(channels: readonly ChannelRecord[]): void {
    const now = this.#clock.now()
    for (const channel of channels) {
      const { name, settings } = channel
      if (settings.kind !== 'heartbeat') continue
      const beat = this.#beats.get(name)
      if (beat !== undefined && now - beat.at < settings.everyMs) continue
      const next: Beat = { lastDeliveredAt: null, problem: null, ...beat, at: now }
      this.#beats.set(name, next)
      const running = this.#ping(channel)
        .then((problem) => {
          next.problem = problem
          if (problem === null) next.lastDeliveredAt = this.#clock.now()
        })
        .finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
  }

  /** Undefined for what is no heartbeat, or was never called. */
  state(name: string): ChannelDeliveries | undefined {
    const beat = this.#beats.get(name)
    return beat && { waiting: 0, lastDeliveredAt: beat.lastDeliveredAt, problem: beat.problem }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }
}
