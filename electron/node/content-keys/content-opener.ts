import { setTimeout as delay } from 'node:timers/promises'
import type { MissingKeyView } from '../../../shared/content-keys.ts'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { parseStreamPartId } from '../../../shared/message.ts'
import { MAX_SEQUENCE } from '../message/limits.ts'
import type { Clock, Logger, Startable, StoredNotice } from '../ports.ts'
import { KeyRing } from './key-ring.ts'
import { LOOK_INTERVAL_MS, MAX_CONCURRENT_QUESTIONS, PERMISSION_HOLDS_MS, RETRY_DELAYS_MS } from './limits.ts'
import { type MissingKey, MissingKeys } from './missing-keys.ts'
import { NewMessages, type Stretch } from './new-messages.ts'
import type { EncryptedStore, KeySource } from './ports.ts'
import { type FoundKey, StretchOpener } from './stretch-opener.ts'

export interface ContentOpenerOptions {
  store: EncryptedStore
  source: KeySource
  lookIntervalMs?: number
  retryDelaysMs?: readonly number[]
  clock: Clock
  logger: Logger
}

/**
 * Opens the content of encrypted messages where this node's identity may subscribe: keys are asked of publishers, and
 * a key that comes late opens the messages before it as well. Messages stay stored as they were published.
 */
export interface ContentOpener extends Startable {
  /** To be called for every durable append. */
  stored(notice: StoredNotice): void
  /** The key that a message names, for whoever shows its content. */
  find(publisher: string, keyId: string): Uint8Array | undefined
  missingKeys(): MissingKeyView[]
  /** Called when keys came or went missing. */
  onChange(listener: () => void): () => void
}

export function createContentOpener(options: ContentOpenerOptions): ContentOpener {
  return new KeyedOpener(options)
}

class KeyedOpener implements ContentOpener {
  readonly #options: ContentOpenerOptions
  readonly #keys = new KeyRing()
  readonly #missing = new MissingKeys()
  readonly #new: NewMessages
  readonly #stretches: StretchOpener
  readonly #questions = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #listeners = new Set<() => void>()
  #following: Promise<void> = Promise.resolve()
  #areKeysRead = false

  constructor(options: ContentOpenerOptions) {
    this.#options = options
    const { store, clock } = options
    this.#new = new NewMessages(store, clock)
    this.#stretches = new StretchOpener({
      store,
      keys: this.#keys,
      onMissing: (record) => this.#missing.note(record, clock.now()),
    })
  }

  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { source, clock, logger } = this.#options
    try {
      await this.#readKeys()
    } catch (error) {
      // A store that is away at the start: what is known is read as soon as it is back, before anything is opened.
      if (!(error instanceof TidemarkError)) throw error
      logger.warn({ code: error.code }, 'the keys of encrypted messages are read when the store can be')
    }
    const forget = source.onPermissionChange((streamId) => this.#missing.retryStream(streamId, clock.now()))
    this.#following = this.#follow().finally(forget)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
    await Promise.all(this.#questions)
  }

  stored(notice: StoredNotice): void {
    this.#new.note(notice)
  }

  find(publisher: string, keyId: string): Uint8Array | undefined {
    return this.#keys.find(publisher, keyId)
  }

  missingKeys(): MissingKeyView[] {
    return this.#missing.views()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes over the keys that are stored, once. */
  async #readKeys(): Promise<void> {
    if (this.#areKeysRead) return
    for (const record of await this.#options.store.contentKeys()) {
      if (record.key === null) this.#missing.note(record, this.#options.clock.now())
      else this.#keys.add(record.publisher, record.id, record.key)
    }
    this.#areKeysRead = true
  }

  async #follow(): Promise<void> {
    const { lookIntervalMs = LOOK_INTERVAL_MS, logger } = this.#options
    const { signal } = this.#stopping
    let failure: string | null = null
    while (!signal.aborted) {
      try {
        await this.#readKeys()
        for await (const stretch of this.#new.takeEncrypted(signal)) await this.#open(stretch)
        this.#askForDue()
        failure = null
      } catch (error) {
        // Once for each reason: a store that is away is asked every time again.
        const { code } = toErrorView(error)
        if (!signal.aborted && code !== failure)
          logger.warn({ error }, 'new messages could not be looked at for encrypted content')
        failure = code
      }
      await delay(lookIntervalMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #open(stretch: Stretch): Promise<void> {
    await this.#openFound(await this.#stretches.open(stretch, this.#stopping.signal))
  }

  /** Keys that publishers go over to stand in messages: what one stretch gives may open others. */
  async #openFound(found: FoundKey[]): Promise<void> {
    for (let key = found.shift(); key !== undefined; key = found.shift()) {
      found.push(...(await this.#openAnswered(key)))
    }
    this.#notify()
  }

  #askForDue(): void {
    const free = MAX_CONCURRENT_QUESTIONS - this.#questions.size
    for (const key of free > 0 ? this.#missing.due(this.#options.clock.now(), free) : []) {
      key.state = 'asking'
      const question = this.#ask(key).finally(() => this.#questions.delete(question))
      this.#questions.add(question)
    }
  }

  async #ask(missing: MissingKey): Promise<void> {
    const { source, clock, logger, retryDelaysMs = RETRY_DELAYS_MS } = this.#options
    const { part, publisher, id } = missing
    try {
      if (!(await source.maySubscribe(parseStreamPartId(part).streamId))) {
        const sentence =
          'This node may not subscribe to the stream: its messages are encrypted, their signatures verified.'
        Object.assign(missing, {
          state: 'not-permitted',
          nextAttemptAt: clock.now() + PERMISSION_HOLDS_MS,
          sentence,
        })
        return
      }
      missing.askedAt = clock.now()
      const key = await untilAborted(source.fetchGroupKey(part, publisher, id), this.#stopping.signal)
      if (key !== null) {
        this.#keys.add(publisher, id, key)
        await this.#openFound([{ publisher, id }])
        return
      }
      missing.sentence = 'The publisher did not answer; it is asked again, and at once when it is heard of.'
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      logger.warn({ part, publisher, error }, 'a group key could not be asked for')
      missing.sentence = `It could not be asked for: ${toErrorView(error).message}`
    } finally {
      this.#notify()
    }
    const delayMs = retryDelaysMs[Math.min(missing.attempts, retryDelaysMs.length - 1)] ?? 0
    Object.assign(missing, {
      state: 'waiting',
      attempts: missing.attempts + 1,
      nextAttemptAt: clock.now() + delayMs,
    })
  }

  /** Opens what waited for a key, wherever it was missing. */
  async #openAnswered({ publisher, id }: FoundKey): Promise<FoundKey[]> {
    const found: FoundKey[] = []
    for (const missing of this.#missing.answered(publisher, id)) {
      const { part, firstTimestamp, lastTimestamp } = missing
      const from = { timestamp: firstTimestamp, sequence: 0 }
      const to = { timestamp: lastTimestamp, sequence: MAX_SEQUENCE }
      found.push(...(await this.#stretches.open({ part, publisher, from, to }, this.#stopping.signal)))
      this.#missing.delete(missing)
    }
    return found
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** A publisher takes up to half a minute to answer; a stop does not wait for it. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
