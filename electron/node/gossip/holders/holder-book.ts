import { MAX_REMEMBERED_HOLDINGS } from '../limits.ts'

/** What is known of who else holds a message. */
export interface KnownHolding {
  /** Streamr addresses of the peers that handed it out. */
  readonly holders: ReadonlySet<string>
  /** Streamr addresses of the peers that said they do not hold it. */
  readonly without: ReadonlySet<string>
}

const NOTHING: KnownHolding = { holders: new Set(), without: new Set() }

/** Remembers what peers answered when they were asked for messages; what was asked about longest ago is forgotten. */
export class HolderBook {
  readonly #byDigest = new Map<string, { holders: Set<string>; without: Set<string> }>()

  note(digest: Uint8Array, address: string, holds: boolean): void {
    const key = Buffer.from(digest).toString('base64')
    const known = this.#byDigest.get(key) ?? { holders: new Set(), without: new Set() }
    const [to, from] = holds ? [known.holders, known.without] : [known.without, known.holders]
    to.add(address)
    // A peer may have dropped the message since, or have got it.
    from.delete(address)
    this.#byDigest.delete(key)
    this.#byDigest.set(key, known)
    const oldest = this.#byDigest.keys().next()
    if (this.#byDigest.size > MAX_REMEMBERED_HOLDINGS && oldest.done !== true)
      this.#byDigest.delete(oldest.value)
  }

  of(digest: Uint8Array): KnownHolding {
    return this.#byDigest.get(Buffer.from(digest).toString('base64')) ?? NOTHING
  }
}
