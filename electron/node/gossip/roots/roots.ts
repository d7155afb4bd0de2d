import type { StreamPartId } from '../../../../shared/message.ts'
import { type RangeRoot, rangeRootStatement } from '../../../../shared/range-root.ts'
import type { Logger } from '../../ports.ts'
import { MAX_ROOT_PEERS, PARALLEL_ROOT_QUESTIONS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import type { StreamrIdentity } from '../peers/vouch.ts'
import { answerRoot, askForRoot, ROOT_PROTOCOL, type RootQuestion, type SignedRoot } from './root-exchange.ts'

/** The root over the verified messages of a range; undefined where there are too many to be hashed for others. */
export type ComputeRoot = (
  question: RootQuestion,
  signal: AbortSignal,
) => Promise<Pick<RangeRoot, 'root' | 'leaves'> | undefined>

export interface RootsOptions {
  host: GossipHost
  identity: StreamrIdentity
  computeRoot: ComputeRoot
  /** Whether this node answers for a stream part. */
  isShared: (part: StreamPartId) => boolean
  logger: Logger
}

/** What one peer answered when it was asked for the root of a range. */
export interface RootAnswer {
  /** Streamr address. */
  address: string
  /** What it computed and signed; null when it holds nothing of the range, or did not say. */
  signed: SignedRoot | null
  /** Why it did not say; null when it did. */
  why: string | null
}

/** Asks peers for the roots of ranges, and answers them. */
export interface Roots {
  /** Asks the connected peers, best scores first, at most 64. @throws the reason of `signal` */
  ask(question: RootQuestion, signal: AbortSignal): Promise<RootAnswer[]>
}

/** Answers questions for roots from now on, one at a time, and asks them. */
export async function startRoots(options: RootsOptions): Promise<Roots> {
  const { host, identity, computeRoot, isShared, logger } = options
  let isBusy = false

  const compute = async (
    question: RootQuestion,
    signal: AbortSignal,
  ): Promise<SignedRoot | null | undefined> => {
    const { part, from, to } = question
    // Hashing a range costs this node more than asking costs a peer: one at a time, whoever asks.
    if (isBusy || from > to || !isShared(part)) return undefined
    isBusy = true
    try {
      const computed = await computeRoot(question, signal)
      if (computed === undefined) return undefined
      if (computed.leaves === 0) return null
      const root = { part, from, to, ...computed }
      const signature = (await identity.signMessage(rangeRootStatement(root))).slice(2)
      return { ...root, signature }
    } finally {
      isBusy = false
    }
  }

  await host.handle(ROOT_PROTOCOL, 1, async (stream, peer) => {
    try {
      await answerRoot(stream, compute)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
      if (error instanceof PeerFault) host.report(peer.peerId, { fault: error })
      else logger.debug({ error, peer: peer.peerId }, 'a peer got no root')
    }
  })

  const askOne = async (peerId: string, address: string, question: RootQuestion, signal: AbortSignal) => {
    try {
      const stream = await host.open(peerId, ROOT_PROTOCOL, signal)
      const signed = await askForRoot(stream, question, address, signal)
      return { address, signed, why: null }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PeerFault)) return { address, signed: null, why: 'The peer cannot be asked.' }
      if (error.code !== 'refused') host.report(peerId, { fault: error })
      return { address, signed: null, why: error.message }
    }
  }

  return {
    async ask(question, signal) {
      const waiting = host
        .vouched()
        .sort((a, b) => host.scoreOf(b.peerId) - host.scoreOf(a.peerId))
        .slice(0, MAX_ROOT_PEERS)
      const answers: RootAnswer[] = []
      const askNext = async (): Promise<void> => {
        for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
          answers.push(await askOne(peer.peerId, peer.address, question, signal))
        }
      }
      await Promise.all(Array.from({ length: PARALLEL_ROOT_QUESTIONS }, askNext))
      return answers.sort((a, b) => (a.address < b.address ? -1 : 1))
    },
  }
}
