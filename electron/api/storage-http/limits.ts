/**
 * Bounds of the storage HTTP interface. It is open to the world by design (Streamr's clients carry no credential),
 * so every resource one client can take is bounded here, and nothing it asks for is cut off silently.
 */
export interface StorageHttpLimits {
  /** Requests answered at the same time: each holds one store cursor, one batch and one chunk. */
  maxActive: number
  /** Of these, for one address or API key, so that one greedy client cannot starve the others. */
  maxActivePerClient: number
  /** Requests that wait for a turn; one costs a socket and a few hundred bytes. More are told to come back (503). */
  maxWaiting: number
  /** Longest wait for a turn, ms: shorter than the 30 s after which HTTP clients commonly give up. */
  waitDeadlineMs: number
  /** Requests one client may make at once, before `requestsPerSecond` counts (429). */
  burst: number
  requestsPerSecond: number
  /** A reader that takes no byte for this long is cut off, ms: time enough for a consumer that pauses. */
  idleDeadlineMs: number
}

export const DEFAULT_LIMITS: StorageHttpLimits = {
  maxActive: 64,
  maxActivePerClient: 32,
  maxWaiting: 4_096,
  waitDeadlineMs: 20_000,
  burst: 4_000,
  requestsPerSecond: 200,
  idleDeadlineMs: 120_000,
}

/** Open sockets; half of what a process may commonly have open. Beyond it connections are not accepted. */
export const MAX_CONNECTIONS = 8_192

/** Largest request head: the longest stream id, publisher and chain, percent-encoded, fit twice. */
export const MAX_HEADER_BYTES = 32 * 1024

/** A request head must be whole by then, ms. */
export const HEADERS_DEADLINE_MS = 15_000

/** How long an idle connection is kept for the next request, ms. */
export const KEEP_ALIVE_MS = 10_000

/** Answers under way at a stop are given this long to end, ms, before their connections are cut. */
export const CLOSE_DEADLINE_MS = 2_000

/** Bytes handed to a socket at once: large enough that system calls do not count, small enough for many readers. */
export const CHUNK_BYTES = 256 * 1024

/** Spare chunks kept for reuse: 4 MiB at most. */
export const MAX_SPARE_CHUNKS = 16

/** Clients whose request rate is remembered; one more forgets the one that was quiet longest. */
export const MAX_RATE_RECORDS = 16_384
