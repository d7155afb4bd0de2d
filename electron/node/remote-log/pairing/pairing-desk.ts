import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { TidemarkError } from '../../../../shared/errors.ts'
import type { Clock, Logger, Startable } from '../../ports.ts'
import {
  type CpaceEnds,
  cpaceTag,
  createCpaceShare,
  deriveCpaceKey,
  isCpaceTag,
  SHARE_BYTES,
  TAG_BYTES,
} from './cpace.ts'
import { createPairingCode, formatPairingCode, formatPairingLink, type Invitation } from './pairing-code.ts'

/**
 * Frames, each with its length as varint before it. Joiner: its share. Inviter: its share and its tag. Joiner: its
 * tag and its label. Inviter: its label. libp2p's noise has told both who the other is, and the shares are bound
 * to that, so nobody can stand in between.
 */
export const PAIRING_PROTOCOL = '/tidemark/pair/1.0.0'

const MAX_LABEL_LENGTH = 64
const MAX_FRAME_BYTES = TAG_BYTES + 4 * MAX_LABEL_LENGTH
const EXCHANGE_TIMEOUT_MS = 15_000
/** An invitation is for somebody who sits at the other machine now. */
const INVITATION_LIFETIME_MS = 10 * 60_000
/** Wrong codes an invitation survives: enough for a slip, too few to guess. */
const MAX_ATTEMPTS = 3

export type PairingHost = Pick<Libp2p, 'peerId' | 'handle' | 'unhandle' | 'dialProtocol' | 'getMultiaddrs'>

export interface ShownInvitation {
  /** For people, `7K3Q-9XTF`. */
  code: string
  link: string
  expiresAt: number
}

export interface PairingDeskOptions {
  host: PairingHost
  /** What the other side is to call this node. */
  label: string
  /** Two nodes know each other now. Both sides are told. */
  onPaired: (peer: string, label: string) => Promise<void>
  clock: Clock
  logger: Logger
}

export interface PairingDesk extends Startable {
  /** Makes a code that pairs one node, once; an earlier one is void. */
  invite(): ShownInvitation
  /** Withdraws the code. */
  withdraw(): void
  /**
   * Pairs with the node that shows the code.
   * @throws TidemarkError `unauthorised` when the code is not its code, or not any more; `timeout`, `not-running`
   * when it cannot be reached
   */
  join(invitation: Invitation, signal?: AbortSignal): Promise<{ peer: string; label: string }>
}

interface OpenInvitation {
  code: string
  expiresAt: number
  attemptsLeft: number
}

class Desk implements PairingDesk {
  readonly #options: PairingDeskOptions
  readonly #stopping = new AbortController()
  #open: OpenInvitation | null = null

  constructor(options: PairingDeskOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.#options.host.handle(PAIRING_PROTOCOL, this.#onStream, {
      maxInboundStreams: 1,
      maxOutboundStreams: 1,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('pairing is stopping'))
    this.#open = null
    await this.#options.host.unhandle(PAIRING_PROTOCOL)
  }

  invite(): ShownInvitation {
    const code = createPairingCode()
    const expiresAt = this.#options.clock.now() + INVITATION_LIFETIME_MS
    this.#open = { code, expiresAt, attemptsLeft: MAX_ATTEMPTS }
    const addresses = this.#options.host.getMultiaddrs().map(String)
    return { code: formatPairingCode(code), link: formatPairingLink({ code, addresses }), expiresAt }
  }

  withdraw(): void {
    this.#open = null
  }

  async join(
    { code, addresses }: Invitation,
    signal?: AbortSignal,
  ): Promise<{ peer: string; label: string }> {
    const { host, label, onPaired } = this.#options
    const deadline = this.#deadline(signal)
    const stream = await host
      .dialProtocol(
        addresses.map((address) => multiaddr(address)),
        PAIRING_PROTOCOL,
        { signal: deadline, runOnLimitedConnection: true },
      )
      .catch((cause: unknown) => {
        signal?.throwIfAborted()
        throw new TidemarkError(
          'not-running',
          'The other node cannot be reached.',
          'See that it is running and shows its code, and that both machines are in one network; then try again.',
          { cause },
        )
      })
    const peer = peerOf(addresses)
    try {
      const frames = framesOf(stream)
      const ends: CpaceEnds = { inviter: peer, joiner: host.peerId.toString() }
      const own = createCpaceShare(code, ends)
      await frames.write(own.share, { signal: deadline })
      const answer = await readFrame(frames, deadline)
      const share = answer.subarray(0, SHARE_BYTES)
      const key = deriveCpaceKey(own, share, { joiner: own.share, inviter: share })
      // Checked before anything is said in return: who does not know the code learns nothing from us.
      if (!isCpaceTag(key, 'inviter', answer.subarray(SHARE_BYTES))) throw new Error('the codes differ')
      await frames.write(Buffer.concat([cpaceTag(key, 'joiner'), Buffer.from(label)]), { signal: deadline })
      const otherLabel = toLabel(await readFrame(frames, deadline))
      await onPaired(peer, otherLabel)
      await stream.close({ signal: deadline })
      return { peer, label: otherLabel }
    } catch (cause) {
      stream.abort(new Error('pairing failed'))
      signal?.throwIfAborted()
      throw new TidemarkError(
        'unauthorised',
        'The other node does not accept this code.',
        'Read the code again, or let the other node show a new one: a code works once, for ten minutes, and for three tries.',
        { cause },
      )
    }
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    this.#welcome(stream, connection.remotePeer.toString()).catch((error: unknown) => {
      this.#options.logger.info(
        { error, peer: connection.remotePeer.toString() },
        'a node tried to pair and did not',
      )
      stream.abort(new Error('pairing failed'))
    })
  }

  async #welcome(stream: Stream, peer: string): Promise<void> {
    const { host, label, onPaired } = this.#options
    const deadline = this.#deadline()
    const frames = framesOf(stream)
    const share = await readFrame(frames, deadline)
    const invitation = this.#takeAttempt()
    const ends: CpaceEnds = { inviter: host.peerId.toString(), joiner: peer }
    const own = createCpaceShare(invitation.code, ends)
    const key = deriveCpaceKey(own, share, { joiner: share, inviter: own.share })
    await frames.write(Buffer.concat([own.share, cpaceTag(key, 'inviter')]), { signal: deadline })
    const answer = await readFrame(frames, deadline)
    if (!isCpaceTag(key, 'joiner', answer.subarray(0, TAG_BYTES))) throw new Error('the codes differ')
    // Two who know the code come at once: the first has it.
    if (this.#open !== invitation) throw new Error('the code has been used')
    this.#open = null
    await onPaired(peer, toLabel(answer.subarray(TAG_BYTES)))
    await frames.write(Buffer.from(label), { signal: deadline })
    await stream.close({ signal: deadline })
  }

  /** Counted before our tag goes out, which lets the other side check one guess. */
  #takeAttempt(): OpenInvitation {
    const invitation = this.#open
    if (
      invitation === null ||
      this.#options.clock.now() > invitation.expiresAt ||
      invitation.attemptsLeft <= 0
    ) {
      this.#open = null
      throw new Error('no code is shown')
    }
    invitation.attemptsLeft -= 1
    return invitation
  }

  #deadline(signal?: AbortSignal): AbortSignal {
    const signals = [this.#stopping.signal, AbortSignal.timeout(EXCHANGE_TIMEOUT_MS)]
    return AbortSignal.any(signal === undefined ? signals : [...signals, signal])
  }
}

function framesOf(stream: Stream): LengthPrefixedStream {
  return lpStream(stream, { maxDataLength: MAX_FRAME_BYTES, maxBufferSize: 2 * MAX_FRAME_BYTES })
}

async function readFrame(frames: LengthPrefixedStream, signal: AbortSignal): Promise<Uint8Array> {
  return (await frames.read({ signal })).subarray()
}

/** A name somebody else has chosen: bounded, on one line. */
function toLabel(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').replace(/\p{C}/gu, '').slice(0, MAX_LABEL_LENGTH)
}

function peerOf(addresses: readonly string[]): string {
  const peers = new Set(addresses.map((address) => multiaddr(address).getComponents().at(-1)?.value ?? ''))
  const [peer, ...others] = peers
  if (peer === undefined || peer === '' || others.length > 0) {
    throw new TidemarkError(
      'invalid-input',
      'The link names no node, or several.',
      'Copy it whole from the other node.',
    )
  }
  return peer
}

export function createPairingDesk(options: PairingDeskOptions): PairingDesk {
  return new Desk({ ...options, label: toLabel(Buffer.from(options.label)) })
}
