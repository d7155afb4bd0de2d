import { TidemarkError } from '../../shared/errors.ts'
import { MAX_LISTED_PEERS, type PeersSettings } from '../../shared/peers.ts'
import { type CoverageMatrix, readCoverageMatrix } from './gossip/coverage-matrix.ts'
import type { Gossip } from './gossip/gossip.ts'
import type { HealingPass } from './gossip/healing/healer.ts'
import type { ChallengeRecord } from './gossip/holders/challenger.ts'
import type { HolderAnswer } from './gossip/holders/holders.ts'
import type { Ban } from './gossip/peers/ban-list.ts'
import type { PeerView } from './gossip/peers/host.ts'
import type { ReconcileStore } from './gossip/ports.ts'
import type { Clock, StoredMessage } from './ports.ts'
import type { SettingsFile } from './settings-file.ts'

/** How long a person waits for a peer they have just named, ms. */
const ADD_TIMEOUT_MS = 15_000

/** This node, as its peers meet it. */
export interface SelfView {
  address: string
  peerId: string
  /** Where others reach this node, its peer id included; empty when it listens nowhere. */
  multiaddrs: string[]
  /** Whether an address among them is beyond this machine and its local network. */
  reach: 'machine' | 'local-network' | 'public' | 'nowhere'
  settings: PeersSettings
  /** Stream parts this node answers for. */
  parts: string[]
  /** What healing in the background did last; null when it did nothing since the start. */
  lastHealing: HealingPass | null
}

export interface NeighbourView extends PeerView {
  /** Stream parts that this node answers for and the peer announced lately. */
  sharedParts: number
  /** Whether the user has listed one of its addresses. */
  isListed: boolean
  /** How it did when it was asked for messages that it claims to cover; null while it was not. */
  challenges: ChallengeRecord | null
}

/** What a person asks and does about peers. */
export interface PeerDesk {
  self(): SelfView
  peers(): NeighbourView[]
  bans(): Ban[]
  /**
   * Lists a multiaddr, connects to it, and will again at the next start.
   * @throws TidemarkError `invalid-input` when it cannot be reached or the list is full; it is not listed then
   */
  add(multiaddr: string, signal?: AbortSignal): Promise<void>
  /** Takes a multiaddr from the list; a connection that stands is left alone. */
  remove(multiaddr: string): Promise<void>
  ban(who: string, reason: string, untilMs: number | null): Promise<void>
  liftBan(who: string): Promise<void>
  /** Takes effect at the next pass. */
  setHealing(healing: PeersSettings['healing']): Promise<void>
  /** Whether what peers bring of a stream part is kept on disk. */
  isKept(part: string): boolean
  setKept(part: string, isKept: boolean): Promise<void>
  coverage(part: string, from: number, to: number, signal?: AbortSignal): Promise<CoverageMatrix>
  /** Which connected peers hold a message, by asking each of them for it. */
  holders(message: StoredMessage, signal?: AbortSignal): Promise<HolderAnswer[]>
}

export interface PeerDeskOptions {
  gossip: Gossip
  store: ReconcileStore
  settings: SettingsFile<{ peers: PeersSettings }>
  clock: Clock
}

export function createPeerDesk({ gossip, store, settings, clock }: PeerDeskOptions): PeerDesk {
  const { host, announcements, holders, challenger, healer } = gossip
  const listed = () => settings.current.peers.listed
  const change = (to: (peers: PeersSettings) => PeersSettings) =>
    settings.update((now) => ({ ...now, peers: to(now.peers) }))
  const update = (to: (listed: string[]) => string[]) =>
    change((peers) => ({ ...peers, listed: to(peers.listed) }))
  return {
    self: () => ({
      address: host.address,
      peerId: host.peerId,
      multiaddrs: host.multiaddrs(),
      reach: reachOf(host.multiaddrs()),
      settings: settings.current.peers,
      parts: announcements.followed(),
      lastHealing: healer.lastPass(),
    }),
    peers: () =>
      host.peers().map((peer) => ({
        ...peer,
        sharedParts: announcements
          .followed()
          .filter((part) => announcements.heard(part).some(({ peerId }) => peerId === peer.peerId)).length,
        isListed: listed().some((address) => address.endsWith(`/p2p/${peer.peerId}`)),
        challenges: peer.address === null ? null : challenger.recordOf(peer.address),
      })),
    bans: () => host.bans(),
    async add(multiaddr, signal) {
      if (listed().length >= MAX_LISTED_PEERS) {
        throw new TidemarkError(
          'invalid-input',
          `${MAX_LISTED_PEERS} peers are listed already.`,
          'Remove one of them first.',
        )
      }
      const deadline = AbortSignal.timeout(ADD_TIMEOUT_MS)
      try {
        await host.dial(multiaddr, signal ? AbortSignal.any([signal, deadline]) : deadline)
      } catch (cause) {
        signal?.throwIfAborted()
        throw new TidemarkError(
          'invalid-input',
          `No node could be reached there: ${cause instanceof Error ? cause.message : 'unknown'}.`,
          'Check the address, the peer id at its end, and that the other node is running and can be reached from here.',
          { cause },
        )
      }
      await update((now) => [...new Set([...now, multiaddr])])
    },
    remove: (multiaddr) => update((now) => now.filter((entry) => entry !== multiaddr)),
    ban: (who, reason, untilMs) => host.ban(who, reason, untilMs),
    liftBan: (who) => host.liftBan(who),
    setHealing: (healing) => change((peers) => ({ ...peers, healing })),
    isKept: (part) => !settings.current.peers.notKept.includes(part),
    setKept: (part, isKept) =>
      change((peers) => {
        const others = peers.notKept.filter((entry) => entry !== part)
        return { ...peers, notKept: isKept ? others : [...others, part] }
      }),
    coverage: (part, from, to, signal = NEVER) =>
      readCoverageMatrix({ host, announcements, store, clock }, part, { from, to }, signal),
    holders: ({ id, digest }, signal = NEVER) => holders.whoHolds({ id, digest }, signal),
  }
}

const NEVER = new AbortController().signal
const LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/
const PRIVATE = /^\/(ip4\/(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)|ip6\/f[cde])/

function reachOf(multiaddrs: readonly string[]): SelfView['reach'] {
  if (multiaddrs.length === 0) return 'nowhere'
  const beyond = multiaddrs.filter((address) => !LOOPBACK.test(address))
  if (beyond.length === 0) return 'machine'
  return beyond.every((address) => PRIVATE.test(address)) ? 'local-network' : 'public'
}
