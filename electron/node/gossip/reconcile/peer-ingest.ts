import type { Clock } from '../../ports.ts'
import { PeerFault } from '../peer-fault.ts'
import type { Ingest } from '../ports.ts'
import type { ReceivedMessage } from './incoming-messages.ts'

/** What became of the messages of one peer. */
export interface PeerIngestCounts {
  /** Verified and new to this node. */
  stored: number
  /** Stored before. */
  known: number
  /** Signed well, but not to be decided yet, or by somebody without the right to publish: stored, not counted. */
  undecided: number
}

export interface PeerIngestOptions {
  ingest: Ingest
  /** Name of the peer as the source of messages: its Streamr address. */
  source: string
  clock: Clock
}

/** Verifies and stores messages of one peer, and counts what became of them. */
export class PeerIngest {
  readonly #options: PeerIngestOptions
  readonly counts: PeerIngestCounts = { stored: 0, known: 0, undecided: 0 }

  constructor(options: PeerIngestOptions) {
    this.#options = options
  }

  /** Resolves when the messages are on disk. @throws {PeerFault} `forged` when one is not signed by its publisher. */
  async take(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    const { ingest, source, clock } = this.#options
    const receivedAt = clock.now()
    const { verdicts, refused, append } = await ingest(
      messages.map(({ raw }) => ({ bytes: raw, source: `peer:${source}`, receivedAt })),
      signal,
    )
    const undecided = verdicts.pending + verdicts.unauthorised
    this.counts.undecided += undecided
    this.counts.known += append.duplicates
    // What is forged is kept as evidence and brings the answer nothing.
    this.counts.stored += Math.max(0, append.stored - undecided - verdicts.forged)
    if (verdicts.forged + refused > 0) {
      throw new PeerFault('forged', 'The peer sent a message that its publisher did not sign.')
    }
  }
}
