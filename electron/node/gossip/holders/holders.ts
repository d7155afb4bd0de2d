import { type StreamPartId, streamPartId } from '../../../../shared/message.ts'
import { MAX_HOLDER_QUESTIONS_PER_PEER, MAX_HOLDERS_ASKED, PARALLEL_HOLDER_QUESTIONS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import type { ReconcileStore } from '../ports.ts'
import { HolderBook, type KnownHolding } from './holder-book.ts'
import { answerHolder, askForMessage, type HeldMessage, HOLDER_PROTOCOL } from './holder-exchange.ts'

export interface HoldersOptions {
  host: GossipHost
  store: ReconcileStore
  /** Whether this node answers for a stream part. */
  isShared: (part: StreamPartId) => boolean
}

/** What one peer answered when it was asked for a message. */
export interface HolderAnswer {
  peerId: string
  /** Streamr address. */
  address: string
  /** `holds` is proven: the peer handed the message out. `unknown`: it did not answer, or not for this part. */
  answer: 'holds' | 'lacks' | 'unknown'
  /** Why it is unknown; null otherwise. */
  why: string | null
}

/** Knows who else holds a message, by asking for it. */
export interface Holders {
  /** Asks the connected peers, best scores first, at most 64 of them. @throws the reason of `signal` */
  whoHolds(message: HeldMessage, signal: AbortSignal): Promise<HolderAnswer[]>
  /** Asks one peer. What it does wrong goes into its score. @throws the reason of `signal` */
  ask(peerId: string, message: HeldMessage, signal: AbortSignal): Promise<Omit<HolderAnswer, 'address'>>
  /** What earlier questions brought to light about a message, without asking anew. */
  known(digest: Uint8Array): KnownHolding
}

/** Answers questions for messages from now on, and asks them. */
export async function startHolders(options: HoldersOptions): Promise<Holders> {
  const { host, store, isShared } = options
  await host.handle(HOLDER_PROTOCOL, MAX_HOLDER_QUESTIONS_PER_PEER, async (stream, peer) => {
    try {
      await answerHolder(stream, async (message) => {
        const { streamId, partition } = message.id
        return isShared(streamPartId(streamId, partition)) ? await findMessage(store, message) : undefined
      })
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
      if (error instanceof PeerFault) host.report(peer.peerId, { fault: error })
    }
  })

  const book = new HolderBook()
  const note = (peerId: string, { digest }: HeldMessage, holds: boolean): void => {
    const peer = host.vouched().find((one) => one.peerId === peerId)
    if (peer !== undefined) book.note(digest, peer.address, holds)
  }

  const ask: Holders['ask'] = async (peerId, message, signal) => {
    try {
      const stream = await host.open(peerId, HOLDER_PROTOCOL, signal)
      const raw = await askForMessage(stream, message, signal)
      note(peerId, message, raw !== null)
      return { peerId, answer: raw === null ? 'lacks' : 'holds', why: null }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PeerFault))
        return { peerId, answer: 'unknown', why: 'The peer cannot be asked.' }
      if (error.code !== 'refused') host.report(peerId, { fault: error })
      return { peerId, answer: 'unknown', why: error.message }
    }
  }

  return {
    ask,
    known: (digest) => book.of(digest),
    async whoHolds(message, signal) {
      const peers = host
        .vouched()
        .sort((a, b) => host.scoreOf(b.peerId) - host.scoreOf(a.peerId))
        .slice(0, MAX_HOLDERS_ASKED)
      const answers: HolderAnswer[] = []
      const waiting = [...peers]
      const askNext = async (): Promise<void> => {
        for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
          answers.push({ address: peer.address, ...(await ask(peer.peerId, message, signal)) })
        }
      }
      await Promise.all(Array.from({ length: PARALLEL_HOLDER_QUESTIONS }, askNext))
      return answers.sort((a, b) => a.address.localeCompare(b.address))
    },
  }
}

/** The message with this id and digest; of an equivocation, the content that was asked for. */
async function findMessage(store: ReconcileStore, { id, digest }: HeldMessage): Promise<Uint8Array | null> {
  const { streamId, partition, timestamp, sequence, publisher, chain } = id
  const place = { timestamp, sequence }
  const part = streamPartId(streamId, partition)
  for await (const batch of store.query({ part, from: place, to: place, publisher, chain })) {
    const found = batch.find((message) => Buffer.compare(message.digest, digest) === 0)
    if (found !== undefined) return found.raw
  }
  return null
}
