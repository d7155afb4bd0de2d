import type { StreamPartId } from '../../../shared/message.ts'
import { type Announcements, startAnnouncements } from './announcements/announcements.ts'
import { createFederatedQueries, type FederatedQueries } from './federated-query.ts'
import { type Healer, type HealerOptions, startHealer } from './healing/healer.ts'
import { type Challenger, startChallenger } from './holders/challenger.ts'
import { type Holders, startHolders } from './holders/holders.ts'
import { createGossipHost, type GossipHost, type GossipHostOptions } from './peers/host.ts'
import type { Ingest, ReconcileStore, Verify } from './ports.ts'
import { createDigestSets } from './reconcile/digest-sets.ts'
import { type ReconcileService, startReconcileService } from './reconcile/reconcile-service.ts'
import { type ComputeRoot, type Roots, startRoots } from './roots/roots.ts'

export interface GossipOptions extends GossipHostOptions {
  store: ReconcileStore
  /** Verifies messages of peers and stores them. */
  ingest: Ingest
  /** Verifies messages without storing them, for answers that are not to be kept. */
  verify: Verify
  /** Whether this node takes messages of a part that peers offer because it lacks them. */
  isHealing: (part: StreamPartId) => boolean
  /** Rates of healing in the background, and which parts it is for. Default: there is none. */
  healing?: Pick<HealerOptions, 'rates' | 'isKept'>
  /** The root of a range as this node has it. Default: peers that ask get none. */
  computeRoot?: ComputeRoot
}

/** This node among its peers: who they are, what they hold, and what it holds together with them. */
export interface Gossip {
  readonly host: GossipHost
  /** Stream parts that are followed here are answered for. */
  readonly announcements: Announcements
  readonly reconcile: ReconcileService
  readonly queries: FederatedQueries
  readonly holders: Holders
  /** Asks peers for messages in what they say they cover. */
  readonly challenger: Challenger
  /** Who computed the same root of a range. */
  readonly roots: Roots
  readonly healer: Healer
  /** Ends everything that is under way with peers, then the host. */
  stop(): Promise<void>
}

const NO_HEALING = { isOn: false, everyS: 3_600, messagesPerPass: 0 }

/** Starts gossip; parts are answered for once `announcements.follow` has been called for them. */
export async function startGossip(options: GossipOptions): Promise<Gossip> {
  const { store, ingest, verify, isHealing, clock, logger } = options
  const host = await createGossipHost(options)
  const announcements = await startAnnouncements({ host, store, clock, logger })
  const sets = createDigestSets()
  const isShared = (part: StreamPartId): boolean => announcements.isFollowed(part)
  const service = { host, store, sets, ingest, isShared, isHealing, clock, logger }
  const reconcile = await startReconcileService(service)
  const holders = await startHolders({ host, store, isShared })
  const challenger = startChallenger({ host, announcements, holders, store, clock, logger })
  const { identity, computeRoot = async () => undefined } = options
  const roots = await startRoots({ host, identity, computeRoot, isShared, logger })
  const queries = createFederatedQueries({
    host,
    announcements,
    service: reconcile,
    store,
    ingest,
    verify,
    clock,
  })
  const rates = options.healing?.rates ?? (() => NO_HEALING)
  const isKept = options.healing?.isKept ?? (() => true)
  const healer = startHealer({ host, announcements, queries, store, rates, isKept, clock, logger })
  return {
    host,
    announcements,
    reconcile,
    queries,
    holders,
    challenger,
    roots,
    healer,
    stop: async () => {
      await healer.stop()
      await challenger.stop()
      await reconcile.stop()
      await announcements.stop()
      await host.stop()
      await sets.close()
    },
  }
}
