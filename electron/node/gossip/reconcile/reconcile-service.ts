import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import {
  ANSWER_FRAME_TIMEOUT_MS,
  ANSWER_SESSION_TIMEOUT_MS,
  FRAME_TIMEOUT_MS,
  MAX_ANSWERS,
  MAX_ANSWERS_PER_PEER,
  SESSION_TIMEOUT_MS,
} from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import type { VouchedPeer } from '../peers/vouch.ts'
import type { Ingest, PeerStream, ReconcileStore } from '../ports.ts'
import { answerPeer } from './answerer.ts'
import { type AskerOptions, askPeer, emptyReport, type ReconcileReport } from './asker.ts'
import type { DigestSets } from './digest-sets.ts'
import { type ChannelTraffic, FrameChannel } from './frame-channel.ts'
import { refusalFrame } from './frames.ts'
import { PeerIngest } from './peer-ingest.ts'

export const RECONCILE_PROTOCOL = '/tidemark/reconcile/1.0.0'

export interface ReconcileServiceOptions {
  host: GossipHost
  store: ReconcileStore
  sets: DigestSets
  ingest: Ingest
  /** Whether this node answers for a stream part. */
  isShared: (part: StreamPartId) => boolean
  /** Whether this node takes messages of a part that peers offer because it lacks them. */
  isHealing: (part: StreamPartId) => boolean
  clock: Clock
  logger: Logger
}

export type AskRequest = Pick<AskerOptions, 'part' | 'from' | 'to' | 'accept' | 'heal' | 'signal'> & {
  /** The set to compare with, when it is not the store's alone. */
  store?: ReconcileStore
  /** How long one frame may take, ms. Default 10,000. */
  frameTimeoutMs?: number
}

/** Reconciles with peers, and answers those who do. */
export interface ReconcileService {
  /**
   * One session with a connected peer; see `askPeer`. The peer's score follows from how it went.
   * @throws the reason of `signal` when that aborted, and what `accept` and the store throw
   */
  ask(peerId: string, request: AskRequest): Promise<ReconcileReport & { traffic: ChannelTraffic }>
  stop(): Promise<void>
}

export async function startReconcileService(options: ReconcileServiceOptions): Promise<ReconcileService> {
  const service = new Libp2pReconcileService(options)
  await options.host.handle(RECONCILE_PROTOCOL, MAX_ANSWERS_PER_PEER, (stream, peer) =>
    service.answer(stream, peer),
  )
  return service
}

class Libp2pReconcileService implements ReconcileService {
  readonly #options: ReconcileServiceOptions
  readonly #stopped = new AbortController()
  readonly #answering = new Set<Promise<void>>()

  constructor(options: ReconcileServiceOptions) {
    this.#options = options
  }

  async ask(peerId: string, request: AskRequest): Promise<ReconcileReport & { traffic: ChannelTraffic }> {
    const { host, store, sets } = this.#options
    const signal = AbortSignal.any([request.signal, this.#stopped.signal])
    const stream = await this.#open(peerId, signal)
    if (stream instanceof PeerFault) {
      host.report(peerId, { fault: stream })
      return { ...emptyReport(), outcome: 'failed', fault: stream, traffic: NO_TRAFFIC }
    }
    const frameTimeoutMs = request.frameTimeoutMs ?? FRAME_TIMEOUT_MS
    const channel = new FrameChannel({ stream, frameTimeoutMs, sessionTimeoutMs: SESSION_TIMEOUT_MS, signal })
    try {
      const report = await askPeer({ channel, sets, store, ...request, signal })
      this.#judge(peerId, report)
      if (report.fault !== null) channel.abort(report.fault)
      return { ...report, traffic: channel.traffic }
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  async answer(stream: PeerStream, peer: VouchedPeer): Promise<void> {
    const answered = this.#answer(stream, peer)
    this.#answering.add(answered)
    try {
      await answered
    } finally {
      this.#answering.delete(answered)
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The node stops.'))
    await Promise.allSettled(this.#answering)
  }

  async #open(peerId: string, signal: AbortSignal): Promise<PeerStream | PeerFault> {
    try {
      const deadline = AbortSignal.timeout(FRAME_TIMEOUT_MS)
      return await this.#options.host.open(peerId, RECONCILE_PROTOCOL, AbortSignal.any([signal, deadline]))
    } catch (error) {
      signal.throwIfAborted()
      return new PeerFault('unreachable', 'The peer cannot be reached.', { cause: error })
    }
  }

  async #answer(stream: PeerStream, peer: VouchedPeer): Promise<void> {
    const { host, store, sets, ingest, isShared, isHealing, clock, logger } = this.#options
    const { signal } = this.#stopped
    const channel = new FrameChannel({
      stream,
      frameTimeoutMs: ANSWER_FRAME_TIMEOUT_MS,
      sessionTimeoutMs: ANSWER_SESSION_TIMEOUT_MS,
      signal,
    })
    try {
      if (this.#answering.size >= MAX_ANSWERS) {
        await channel.send(refusalFrame('busy'))
        await channel.close()
        return
      }
      const intake = new PeerIngest({ ingest, source: peer.address, clock })
      const report = await answerPeer({
        channel,
        store,
        sets,
        isShared,
        isHealing,
        heal: async (_part, messages) => {
          const before = intake.counts.stored
          await intake.take(messages, signal)
          const stored = intake.counts.stored - before
          return { stored, refused: messages.length - stored }
        },
        signal,
      })
      logger.debug({ peer: peer.address, ...report, ...channel.traffic }, 'answered a peer')
      await channel.close()
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error(String(error)))
      if (error instanceof PeerFault) host.report(peer.peerId, { fault: error })
      else if (!signal.aborted) throw error
    }
  }

  #judge(peerId: string, report: ReconcileReport): void {
    const { host } = this.#options
    if (report.fault !== null) host.report(peerId, { fault: report.fault })
    for (const suspicion of report.suspicions) host.report(peerId, { suspicion })
    if (report.fault === null && report.suspicions.length === 0) host.report(peerId, 'answered')
  }
}

const NO_TRAFFIC: ChannelTraffic = {
  sentBytes: 0,
  receivedBytes: 0,
  sentMessageBytes: 0,
  receivedMessageBytes: 0,
}
