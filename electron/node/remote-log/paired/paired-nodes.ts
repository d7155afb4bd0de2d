import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { InvitationView, PairedNodeView, SyncMode, SyncView } from '../../../../shared/remote-log.ts'
import type { Clock, Logger, Startable } from '../../ports.ts'
import type { Database } from '../database/database.ts'
import { shown } from '../logs/error.ts'
import { createMvdsNode, type MvdsNode } from '../mvds/mvds-node.ts'
import { createMvdsSync } from '../mvds/mvds-sync.ts'
import { parsePairingCode, parsePairingLink } from '../pairing/pairing-code.ts'
import { createPairingDesk, type PairingDesk } from '../pairing/pairing-desk.ts'
import type { Ingest, LogSource } from '../ports.ts'

export interface PairedNodesOptions {
  host: () => Promise<Libp2p>
  /** A file opened with `MVDS_MIGRATIONS`. */
  database: Database
  source: LogSource
  ingest: Ingest
  /** Stream parts that are kept in step. */
  parts: () => readonly StreamPartId[]
  mode: () => SyncMode
  saveMode: (mode: SyncMode) => Promise<void>
  /** What other nodes are to call this one. */
  label: string
  clock: Clock
  logger: Logger
}

/** A user's own nodes, kept in step by 2/MVDS over libp2p. */
export interface PairedNodes extends Startable {
  view(): Promise<SyncView>
  setMode(mode: SyncMode): Promise<void>
  /** Shows a code and a link that pair one node, once. */
  invite(): InvitationView
  withdraw(): void
  /** Pairs with the node that shows this link, or a code together with the address it is reached at. */
  join(
    invitation: { link: string } | { code: string; address: string },
    signal?: AbortSignal,
  ): Promise<PairedNodeView>
  remove(peer: string): Promise<void>
}

interface Running {
  host: Libp2p
  node: MvdsNode
  desk: PairingDesk
  sync: Startable
}

export function createPairedNodes(options: PairedNodesOptions): PairedNodes {
  const { database, source, ingest, parts, mode, label, clock, logger } = options
  let running: Running | null = null
  let invitation: InvitationView | null = null

  function started(): Running {
    if (running === null) throw new Error('Paired nodes are not started.')
    return running
  }

  async function toView(
    { host, node }: Running,
    { peer, label: name, pairedAt }: { peer: string; label: string; pairedAt: number },
  ): Promise<PairedNodeView> {
    const { outgoing, requests } = await node.waiting(peer)
    return {
      peer,
      label: name,
      pairedAt,
      isConnected: host.getConnections(peerIdFromString(peer)).length > 0,
      toSend: outgoing,
      toReceive: requests,
    }
  }

  return {
    async start() {
      const host = await options.host()
      const node = await createMvdsNode({ database, source, ingest, parts, mode, clock, logger })
      const sync = createMvdsSync({ host, node, clock, logger })
      const desk = createPairingDesk({
        host,
        label,
        onPaired: async (peer, name) => {
          invitation = null
          await node.addPeer(peer, name)
          await node.wake(peer)
        },
        clock,
        logger,
      })
      await desk.start()
      await sync.start()
      running = { host, node, desk, sync }
    },

    async stop() {
      const last = running
      running = null
      await last?.desk.stop()
      await last?.sync.stop()
    },

    async view() {
      const now = started()
      if (invitation !== null && invitation.expiresAt <= clock.now()) invitation = null
      const peers = await now.node.peers()
      return { mode: mode(), invitation, nodes: await Promise.all(peers.map((peer) => toView(now, peer))) }
    },

    setMode: (changed) => options.saveMode(changed),

    invite() {
      invitation = started().desk.invite()
      return invitation
    },

    withdraw() {
      invitation = null
      started().desk.withdraw()
    },

    join(wanted, signal) {
      return shown(async () => {
        const now = started()
        const parsed =
          'link' in wanted
            ? parsePairingLink(wanted.link)
            : { code: parsePairingCode(wanted.code), addresses: [wanted.address] }
        const { peer } = await now.desk.join(parsed, signal)
        const paired = (await now.node.peers()).find((known) => known.peer === peer)
        if (paired === undefined) throw new Error('The node was paired and is not there.')
        return toView(now, paired)
      })
    },

    remove: (peer) => started().node.removePeer(peer),
  }
}
