import type { Message } from '@libp2p/gossipsub'
import { multiaddr } from '@multiformats/multiaddr'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import {
  ANNOUNCE_AT_MOST_EVERY_MS,
  ANNOUNCE_EVERY_MS,
  MAX_ANNOUNCED_ADDRESS_BYTES,
  MAX_ANNOUNCED_ADDRESSES,
  MAX_ANNOUNCEMENT_BYTES,
} from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import { scoreTopic } from '../peers/topic-scores.ts'
import type { ReconcileStore } from '../ports.ts'
import { AnnouncementValidator } from './announcement-validator.ts'
import { type Coverage, coverageTopic, encodeCoverage, readCoverage } from './coverage.ts'
import { CoverageBook, type HeardCoverage } from './coverage-book.ts'
import { answerCoverage, askCoverage, COVERAGE_PROTOCOL, type CoverageRequest } from './coverage-exchange.ts'

/** Questions one peer may have under way. */
const MAX_QUESTIONS_PER_PEER = 4

export interface AnnouncementsOptions {
  host: GossipHost
  store: ReconcileStore
  clock: Clock
  logger: Logger
}

/** Tells peers which stretches of which stream parts this node holds, and knows what they told. */
export interface Announcements {
  /** Announces a part and listens for others' announcements of it. */
  follow(part: StreamPartId): void
  unfollow(part: StreamPartId): void
  isFollowed(part: StreamPartId): boolean
  followed(): StreamPartId[]
  /** What others announced lately. */
  heard(part: StreamPartId): HeardCoverage[]
  /** What a connected peer holds of a range, as it says now. @throws {PeerFault} */
  ask(peerId: string, request: CoverageRequest, signal: AbortSignal): Promise<Coverage>
  stop(): Promise<void>
}

export async function startAnnouncements(options: AnnouncementsOptions): Promise<Announcements> {
  const announcements = new PubsubAnnouncements(options)
  await announcements.begin()
  return announcements
}

interface Followed {
  timer: NodeJS.Timeout
  /** ms since the epoch; 0 before the first. */
  announcedAt: number
}

class PubsubAnnouncements implements Announcements {
  readonly #options: AnnouncementsOptions
  readonly #book: CoverageBook
  readonly #validator: AnnouncementValidator
  readonly #followed = new Map<StreamPartId, Followed>()
  readonly #stopped = new AbortController()
  readonly #running = new Set<Promise<void>>()
  #forgetPeers: (() => void) | undefined

  constructor(options: AnnouncementsOptions) {
    this.#options = options
    this.#book = new CoverageBook(options.clock)
    this.#validator = new AnnouncementValidator({
      book: this.#book,
      isBanned: (peerId) => options.host.isBanned(peerId),
      onAnnouncement: (peerId, coverage) => this.#book.put(peerId, coverage),
      clock: options.clock,
    })
  }

  async begin(): Promise<void> {
    const { host } = this.#options
    this.#forgetPeers = host.onPeer((_peer, event) => {
      if (event === 'joined') for (const part of this.#followed.keys()) this.#announceSoon(part)
    })
    await host.handle(COVERAGE_PROTOCOL, MAX_QUESTIONS_PER_PEER, async (stream, peer) => {
      try {
        await answerCoverage(stream, (request) => this.#coverageOf(request))
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)))
        if (error instanceof PeerFault) host.report(peer.peerId, { fault: error })
      }
    })
  }

  follow(part: StreamPartId): void {
    if (this.#followed.has(part) || this.#stopped.signal.aborted) return
    const { pubsub } = this.#options.host
    const topic = coverageTopic(part)
    scoreTopic(pubsub, topic)
    pubsub.topicValidators.set(topic, (forwarder, message: Message) =>
      this.#validator.validate(forwarder.toString(), message),
    )
    pubsub.subscribe(topic)
    this.#followed.set(part, { timer: setTimeout(() => undefined, 0), announcedAt: 0 })
    this.#announceSoon(part)
  }

  unfollow(part: StreamPartId): void {
    const followed = this.#followed.get(part)
    if (followed === undefined) return
    clearTimeout(followed.timer)
    this.#followed.delete(part)
    this.#book.forget(part)
    const { pubsub } = this.#options.host
    const topic = coverageTopic(part)
    pubsub.unsubscribe(topic)
    pubsub.topicValidators.delete(topic)
  }

  isFollowed(part: StreamPartId): boolean {
    return this.#followed.has(part)
  }

  followed(): StreamPartId[] {
    return [...this.#followed.keys()]
  }

  heard(part: StreamPartId): HeardCoverage[] {
    return this.#book.of(part)
  }

  async ask(peerId: string, request: CoverageRequest, signal: AbortSignal): Promise<Coverage> {
    let stream: Awaited<ReturnType<GossipHost['open']>>
    try {
      stream = await this.#options.host.open(peerId, COVERAGE_PROTOCOL, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw new PeerFault('unreachable', 'The peer cannot be reached.', { cause: error })
    }
    return await askCoverage(stream, request, signal)
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The node stops.'))
    this.#forgetPeers?.()
    for (const part of this.followed()) this.unfollow(part)
    await Promise.all(this.#running)
  }

  /** Announces a part within seconds, but not more often than peers would take it. */
  #announceSoon(part: StreamPartId): void {
    const followed = this.#followed.get(part)
    if (followed === undefined) return
    const earliest = followed.announcedAt + ANNOUNCE_AT_MOST_EVERY_MS * 1.2
    this.#schedule(part, Math.max(500, earliest - this.#options.clock.now()))
  }

  #schedule(part: StreamPartId, inMs: number): void {
    const followed = this.#followed.get(part)
    if (followed === undefined) return
    clearTimeout(followed.timer)
    followed.timer = setTimeout(() => {
      const announced = this.#announce(part)
      this.#running.add(announced)
      void announced.finally(() => this.#running.delete(announced))
    }, inMs)
    followed.timer.unref()
  }

  async #announce(part: StreamPartId): Promise<void> {
    const { host, store, clock, logger } = this.#options
    try {
      const coverage = await readCoverage(
        store,
        part,
        clock.now(),
        this.#addresses(),
        undefined,
        this.#stopped.signal,
      )
      const followed = this.#followed.get(part)
      if (followed === undefined) return
      followed.announcedAt = clock.now()
      await host.pubsub.publish(coverageTopic(part), announcementOf(coverage))
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      logger.warn({ part, error }, 'the coverage of a stream part could not be announced')
    }
    // Nodes that were started together must not announce together for ever.
    this.#schedule(part, ANNOUNCE_EVERY_MS * (0.8 + 0.4 * Math.random()))
  }

  async #coverageOf({ part, range }: CoverageRequest): Promise<Coverage | undefined> {
    if (!this.#followed.has(part)) return undefined
    const { store, clock } = this.#options
    return await readCoverage(store, part, clock.now(), [], range, this.#stopped.signal)
  }

  #addresses(): Uint8Array[] {
    return this.#options.host
      .multiaddrs()
      .map((address) => multiaddr(address).bytes)
      .filter((bytes) => bytes.length <= MAX_ANNOUNCED_ADDRESS_BYTES)
      .slice(0, MAX_ANNOUNCED_ADDRESSES)
  }
}

/** An announcement within its bound: where a long stream id leaves no room for addresses, without them. */
function announcementOf(coverage: Coverage): Uint8Array {
  const bytes = encodeCoverage(coverage)
  return bytes.length <= MAX_ANNOUNCEMENT_BYTES ? bytes : encodeCoverage({ ...coverage, addresses: [] })
}
