import { z } from 'zod'
import { partInput } from './inputs.ts'

/** Longest multiaddr that is taken from a person or a file, in characters. */
export const MAX_MULTIADDR_LENGTH = 512
/** Peers a person may list. */
export const MAX_LISTED_PEERS = 64
const MAX_LISTEN_ADDRESSES = 8
export const MIN_HEALING_PAUSE_S = 10
export const MAX_HEALING_PAUSE_S = 86_400
export const MAX_HEALING_MESSAGES = 1_000_000
const DEFAULT_HEALING_MESSAGES = 20_000
/** Stream parts whose choice is told apart from the default. */
const MAX_NOT_KEPT = 1_000

export const multiaddrInput = z
  .string()
  .max(MAX_MULTIADDR_LENGTH)
  .regex(/^\/[\x21-\x7e]+$/, 'a multiaddr is expected, such as /ip4/127.0.0.1/tcp/4001')

/** A peer id, or the Streamr address it vouched for. */
export const peerNameInput = z.string().regex(/^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{40,64})$/)
/** Longest reason of a ban, in characters. */
export const MAX_REASON_LENGTH = 200

/** How this node is to be among its peers; what is left out follows the environment. */
export const peersInput = z.strictObject({
  /** Multiaddrs to listen on; null for loopback in environment `local` and every interface elsewhere. */
  listen: z.array(multiaddrInput).max(MAX_LISTEN_ADDRESSES).nullable().default(null),
  /** Multiaddrs to tell others instead of those that are listened on. */
  announce: z.array(multiaddrInput).max(MAX_LISTEN_ADDRESSES).default([]),
  /** Peers to connect to, each with its peer id at the end. */
  listed: z.array(multiaddrInput).max(MAX_LISTED_PEERS).default([]),
  /** Look for nodes on the local network; null for: not in environment `local`. */
  localDiscovery: z.boolean().nullable().default(null),
  /** Relay for nodes that cannot be reached. */
  relay: z.boolean().default(false),
  /** Whether gaps of joined stream parts are asked of peers in the background, and offers of peers taken. */
  healing: z
    .strictObject({
      isOn: z.boolean(),
      /** Pause between two questions, seconds: how politely peers are asked. */
      everyS: z.int().min(MIN_HEALING_PAUSE_S).max(MAX_HEALING_PAUSE_S),
      /** Messages compared with peers after each pause. */
      messagesPerPass: z.int().min(100).max(MAX_HEALING_MESSAGES).default(DEFAULT_HEALING_MESSAGES),
    })
    .prefault({ isOn: true, everyS: 300 }),
  /** Stream parts of which nothing is kept that peers bring: queries show it and forget it. */
  notKept: z.array(partInput).max(MAX_NOT_KEPT).default([]),
})

export type PeersSettings = z.infer<typeof peersInput>
