import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { PeerFault } from '../peer-fault.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { peerStream } from './libp2p-stream.ts'
import { checkVouch, MAX_VOUCH_BYTES, type VouchedPeer } from './vouch.ts'

export const VOUCH_PROTOCOL = '/tidemark/vouch/1.0.0'

export interface VouchExchangeOptions {
  libp2p: Libp2p
  /** This node's own statement. */
  own: Uint8Array
  timeoutMs: number
  onVouched: (peer: VouchedPeer) => void
  onFault: (peerId: PeerId, fault: PeerFault) => void
}

export interface VouchExchange {
  stop(): Promise<void>
}

/**
 * Exchanges statements with every peer that speaks the protocol, as soon as a connection to it is open: whoever
 * dialled opens the stream, and both send one block. Nothing else is said on it.
 */
export async function startVouchExchange(options: VouchExchangeOptions): Promise<VouchExchange> {
  const { libp2p, own, timeoutMs, onVouched, onFault } = options
  const stopped = new AbortController()
  const running = new Set<Promise<void>>()

  const exchange = async (peerId: PeerId, open: (signal: AbortSignal) => Promise<Stream>): Promise<void> => {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(timeoutMs)])
    try {
      onVouched(await exchangeStatements(await open(signal), own, peerId, signal))
    } catch (error) {
      if (stopped.signal.aborted) return
      const fault =
        error instanceof PeerFault
          ? error
          : new PeerFault('late', 'The peer did not vouch for itself.', { cause: error })
      onFault(peerId, fault)
    }
  }
  const run = (work: Promise<void>): void => {
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  await libp2p.handle(
    VOUCH_PROTOCOL,
    (stream, connection) => run(exchange(connection.remotePeer, async () => stream)),
    { maxInboundStreams: 1, runOnLimitedConnection: true },
  )
  const registration = await libp2p.register(VOUCH_PROTOCOL, {
    notifyOnLimitedConnection: true,
    onConnect: (peerId, connection) => {
      if (connection.direction !== 'outbound') return
      run(
        exchange(peerId, (signal) =>
          connection.newStream(VOUCH_PROTOCOL, { signal, runOnLimitedConnection: true }),
        ),
      )
    },
  })
  return {
    stop: async () => {
      stopped.abort(new Error('The node stops.'))
      libp2p.unregister(registration)
      await libp2p.unhandle(VOUCH_PROTOCOL)
      await Promise.all(running)
    },
  }
}

async function exchangeStatements(
  stream: Stream,
  own: Uint8Array,
  peerId: PeerId,
  signal: AbortSignal,
): Promise<VouchedPeer> {
  const bytes = peerStream(stream)
  try {
    const blocks = new BlockStream(bytes, MAX_VOUCH_BYTES)
    await blocks.write(own, signal)
    const theirs = await blocks.read(signal)
    if (theirs === undefined)
      throw new PeerFault('vouch-invalid', 'The peer ended without vouching for itself.')
    const peer = await checkVouch(theirs, peerId)
    await bytes.close()
    return peer
  } catch (error) {
    bytes.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}
