/** What the remote log needs from others. Each port has a conformance suite in `test/unit/remote-log`. */
import type { StreamPartId } from '../../../shared/message.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { RawMessage } from '../ports.ts'
import type { Address } from './address.ts'

export interface CallOptions {
  signal?: AbortSignal | undefined
}

/** Content-addressed storage: keeps bytes, hands them out under the hash they have. */
export interface ContentStore {
  /**
   * Keeps `content`, at most `MAX_BLOCK_BYTES`; resolves when it survives a power cut of whoever keeps it.
   * Adding what is there already changes nothing.
   * @returns `addressOf(content)`
   * @throws {RemoteLogError} `content-too-large`, `store-unreachable`, `timeout`
   */
  add(content: Uint8Array, options?: CallOptions): Promise<Address>
  /**
   * Content that was checked against `address` before it is handed out.
   * @throws {RemoteLogError} `content-missing`, `content-mismatch`, `content-too-large`, `store-unreachable`,
   * `timeout`
   */
  get(address: Address, options?: CallOptions): Promise<Uint8Array>
  /** Where others reach this store, for the heads of logs; empty when nobody else can. */
  multiaddrs(): readonly string[]
  /** Told where a log says its content is; stores that can reach out do. Never fails. */
  reachOut?(multiaddrs: readonly string[], options?: CallOptions): Promise<void>
  /**
   * Told that the page at `address` and those before it are about to be read one by one; stores for which that is
   * slow fetch ahead. Returns how many pages it got; 0 when it cannot, which is no failure.
   */
  fetchAhead?(address: Address, options?: CallOptions): Promise<number>
  /** For stores that keep what they fetch: resolves when everything handed out so far would survive a power cut. */
  sync?(): Promise<void>
}

/** Name system: one mutable value to a name. */
export interface NameSystem {
  /**
   * Points `name` to `content`; resolves when a later `fetch` by anybody gives it.
   * @throws {RemoteLogError} `name-invalid`, `name-refused` (not ours to update), `content-too-large`,
   * `names-unreachable`, `timeout`
   */
  update(name: string, content: Uint8Array, options?: CallOptions): Promise<void>
  /** @throws {RemoteLogError} `name-invalid`, `name-missing`, `content-too-large`, `names-unreachable`, `timeout` */
  fetch(name: string, options?: CallOptions): Promise<Uint8Array>
}

/** A stored message, at its place in the order in which this node stored its part. */
export interface LogEntry {
  /** Rises with every message of the part, from 1; numbers may be left out, none is used twice. */
  position: number
  /** The message's own timestamp, ms since the epoch. */
  timestamp: number
  /** Bytes of the `StreamMessage`. */
  raw: Uint8Array
}

export interface ReadBounds {
  maxEntries: number
  /** Of raw bytes together; one entry is handed out whatever its size. */
  maxBytes: number
}

/** The local log: what this node holds of a part and answers for, in order of storing. */
export interface LogSource {
  /**
   * The next entries after `position` (0 for the first), ascending; empty when there is none yet. Forged messages
   * are not part of it.
   */
  read(part: StreamPartId, position: number, bounds: ReadBounds, signal?: AbortSignal): Promise<LogEntry[]>
}

/**
 * What became of one message that was handed in. `duplicate` messages were stored before; of several with one
 * verdict the flags say how many, not always which.
 */
export interface IngestOutcome {
  verdict: Verdict | 'refused'
  reason: string
  duplicate: boolean
}

/** Verifies messages and merges them into the store; resolves when they are on disk, outcomes in their order. */
export type Ingest = (messages: readonly RawMessage[], signal?: AbortSignal) => Promise<IngestOutcome[]>
