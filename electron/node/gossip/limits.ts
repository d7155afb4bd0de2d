/** Bounds of the gossip part. Every one is checked before what it bounds is read, kept or computed. */

import { MAX_MESSAGE_BYTES } from '../message/limits.ts'

// ---------------------------------------------------------------- framing

/** Largest frame in bytes: one message of Streamr's largest size with its wrapping. */
export const MAX_FRAME_BYTES = MAX_MESSAGE_BYTES + 65_536

/** Most fields of one protobuf message that a newer version may have added; more is a flood. */
export const MAX_UNKNOWN_FIELDS = 16

// ---------------------------------------------------------------- reconciliation

/** Most buckets of one session. The grid aims at 128 to 256; a peer may choose up to twice that. */
export const MAX_BUCKETS = 512
export const TARGET_BUCKETS = 256

/** Most ids one side takes into a sketch: 45 bytes each in the thread that makes it, so 47 MB at most. */
export const MAX_SKETCHED_IDS = 1_048_576

/** Cells in one frame (27 KB): the asker may begin to decode, or give up, before a long sketch has arrived. */
export const CELLS_PER_FRAME = 2_048

/** Most cells sent before the asker has said how many it needs (200 KB). */
export const MAX_FIRST_CELLS = 16_384

/** Fewest cells of a first sketch: with these an undecodable one still tells the size of the difference. */
export const MIN_FIRST_CELLS = 64

/** Bits of rest in a coded list of ids: a list of a million hides 2^-12 of an item on average. */
export const LIST_BITS = 32

/** Longest list of ids, so that it fits one frame; larger sets that differ that much are split by time. */
export const MAX_LISTED_IDS = 200_000

/** Messages travel in frames of about this many bytes: enough to make framing cheap, little to keep in memory. */
export const MESSAGE_FRAME_BYTES = 65_536

/** Most messages in one frame, whatever their size. */
export const MAX_MESSAGES_PER_FRAME = 4_096

/**
 * Messages that may come beyond those promised: names are short and pass for others once in 32 (see `Want`), and a
 * peer that is still receiving holds a little more than it said a moment ago.
 */
export const SURPLUS_SHARE = 1 / 8
export const SURPLUS_MESSAGES = 64

/** Bytes of a bucket's fingerprint on the wire; keyed by the asker's nonce, so that it cannot be aimed at. */
export const FINGERPRINT_BYTES = 6

/** Sessions answered at once: each may keep up to 47 MB in the digest-set thread, most keep a hundredth of it. */
export const MAX_ANSWERS = 16
export const MAX_ANSWERS_PER_PEER = 4

/** How long one frame may take, ms: a peer that stalls costs this much and no more. */
export const FRAME_TIMEOUT_MS = 10_000

/** How long one session may take in all, ms, however lively it seems. */
export const SESSION_TIMEOUT_MS = 120_000

/**
 * The same for whoever answers: the asker decodes, verifies and stores between its frames, and holds nothing here but
 * one of its own few places meanwhile.
 */
export const ANSWER_FRAME_TIMEOUT_MS = 30_000
export const ANSWER_SESSION_TIMEOUT_MS = 300_000

// ---------------------------------------------------------------- peers

/** Connections in all; the ones least worth keeping are closed beyond it. */
export const MAX_CONNECTIONS = 200

/** Connections from one host (IPv4 address or IPv6 /64): a household or a small rack, not a thousand peers of one. */
export const MAX_CONNECTIONS_PER_HOST = 16

/** New connections from one host in a second. */
export const MAX_INBOUND_PER_SECOND = 8

/** Connections whose handshake is under way. */
export const MAX_PENDING_INBOUND = 32

/** Peers that may vouch for one Streamr address: a node, and itself once more right after it changed its key. */
export const MAX_PEERS_PER_ADDRESS = 2

/** How long two peers may take to vouch for themselves, ms. */
export const VOUCH_TIMEOUT_MS = 10_000

/**
 * What a relay carries for two nodes that cannot reach each other, on one connection, both ways together, and for how
 * long, ms. The library's own bounds (128 KiB, two minutes) are for arranging a direct connection; here a query has
 * to pass where none comes about.
 */
export const RELAYED_BYTES = 67_108_864
export const RELAYED_FOR_MS = 1_800_000

/** Nodes that a relay listens for. */
export const MAX_RELAYED_NODES = 32

/** Bytes a peer may send on one stream before they were taken; far below what the library breaks a stream at. */
export const STREAM_WINDOW_BYTES = 1_048_576

// ---------------------------------------------------------------- announcements

/** Largest message of any pubsub topic, in bytes: an IPNS record is the largest that travels that way. */
export const MAX_PUBSUB_BYTES = 10_240

/** Largest announcement in bytes. */
export const MAX_ANNOUNCEMENT_BYTES = 1_536

/** Buckets of one announcement: about one a millimetre on the coverage matrix. */
export const MAX_COVERAGE_BUCKETS = 64

/** Multiaddrs in one announcement, and the longest of them in bytes. */
export const MAX_ANNOUNCED_ADDRESSES = 4
export const MAX_ANNOUNCED_ADDRESS_BYTES = 192

/** A part is announced this often, ms, and when a peer joins. */
export const ANNOUNCE_EVERY_MS = 300_000

/** No part is announced, and no peer's announcement of one taken, more often than this, ms. */
export const ANNOUNCE_AT_MOST_EVERY_MS = 5_000

/** An announcement is forgotten after this long, ms: its node has missed two. */
export const ANNOUNCEMENT_LIFETIME_MS = 3 * ANNOUNCE_EVERY_MS

/** How far a peer's clock may be off before its announcements are left alone, ms. */
export const MAX_CLOCK_SKEW_MS = 600_000

/** Announcements one peer may pass on in a second, averaged; and at once. */
export const ANNOUNCEMENTS_PER_SECOND = 20
export const ANNOUNCEMENT_BURST = 200

/** Most nodes whose coverage of one part is remembered, and most parts. */
export const MAX_HOLDERS_PER_PART = 512
export const MAX_COVERED_PARTS = 4_096

/** How long a peer may take to say what it covers, ms. */
export const COVERAGE_TIMEOUT_MS = 5_000

// ---------------------------------------------------------------- federated queries

/** Local messages shown at once, before any peer has answered. */
export const PREVIEW_MESSAGES = 100

/** Messages one stretch of a query aims at; the first is smaller, so that it is done sooner. */
export const STRETCH_MESSAGES = 20_000
export const FIRST_STRETCH_MESSAGES = 1_000

/** Most stretches one coverage bucket is cut into: a peer that claims absurd counts makes no more work than this. */
export const MAX_STRETCHES_PER_BUCKET = 64

/** Peers asked at once about one stretch: more would send the same messages several times. */
export const PARALLEL_PEERS = 4

/** Most peers of one query; those with the best scores. */
export const MAX_QUERY_PEERS = 128

/** A peer that is busy is asked again so often, and this much later each time, ms. */
export const BUSY_RETRIES = 3
export const BUSY_WAIT_MS = 250

/** How often a range is halved when two sets differ too much for one session. */
export const MAX_SPLITS = 12

// ---------------------------------------------------------------- healing in the background

/** The first pass begins this long after the start, ms: peers have been met and have announced by then. */
export const FIRST_HEALING_MS = 10_000

/** How long one pass may take before peers are left alone, ms. */
export const HEALING_DEADLINE_MS = 60_000

// ---------------------------------------------------------------- holders of one message

/** How long a peer may take to hand one message out, ms. */
export const HOLDER_TIMEOUT_MS = 5_000

/** Peers asked for one message, and how many of them at once. */
export const MAX_HOLDERS_ASKED = 64
export const PARALLEL_HOLDER_QUESTIONS = 8

/** Such questions one peer may have under way. */
export const MAX_HOLDER_QUESTIONS_PER_PEER = 4

/** Messages of which it is remembered who held them when they were asked for. */
export const MAX_REMEMBERED_HOLDINGS = 4_096

// ---------------------------------------------------------------- challenges of holders

/** A round begins this long after the start and after a peer has come, ms; the pause otherwise: 300 questions a day. */
export const FIRST_CHALLENGE_MS = 30_000
export const CHALLENGE_EVERY_MS = 300_000

/** Peers asked in one round, each for one message. */
export const CHALLENGES_PER_PASS = 8

/** Stretches of a peer's claim looked at for a message to ask for: it may claim less of some than is held here. */
export const CHALLENGED_STRETCHES = 8

/** Peers of which it is remembered how they did. */
export const MAX_CHALLENGE_RECORDS = 1_024

// ---------------------------------------------------------------- roots of ranges

/** How long a peer may take to compute the root of a range, ms: a million messages are hashed in seconds. */
export const ROOT_TIMEOUT_MS = 30_000

/** Largest question or answer, bytes: a stream part and two times, or a root and a signature. */
export const MAX_ROOT_FRAME_BYTES = 2_048

/** Messages of a range whose root is computed for a peer. */
export const MAX_ROOT_LEAVES = 1_000_000

/** Peers asked for one root, and how many of them at once. */
export const MAX_ROOT_PEERS = 64
export const PARALLEL_ROOT_QUESTIONS = 16
