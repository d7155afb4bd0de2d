import type { Logger } from '../../../electron/node/ports.ts'
import type {
  AssignedStream,
  AssignmentSource,
  ChainEntry,
  ChainEntryChange,
  PartMembership,
  Publisher,
  StorageNodeEntry,
} from '../../../electron/node/storage-presence/ports.ts'
import type { TransactionCost } from '../../../shared/storage.ts'

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
}

export const COST: TransactionCost = {
  gasUnits: 120_000,
  feeWei: '3600000000000000',
  balanceWei: '1000000000000000000',
}

/** A registry entry that behaves like the contracts, and can be made to fail. */
export class MemoryEntry implements StorageNodeEntry {
  entry: ChainEntry = { metadata: null, hasAssignmentStream: false }
  failure: Error | undefined
  readonly writes: ChainEntryChange[] = []

  async read(): Promise<ChainEntry> {
    if (this.failure !== undefined) throw this.failure
    return structuredClone(this.entry)
  }

  async estimate(): Promise<TransactionCost> {
    return COST
  }

  async write(change: ChainEntryChange): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.failure !== undefined) throw this.failure
    this.writes.push(structuredClone(change))
    this.entry = {
      metadata: change.metadata === undefined ? this.entry.metadata : change.metadata,
      hasAssignmentStream: this.entry.hasAssignmentStream || change.createAssignmentStream === true,
    }
  }
}

/** Assignments that tests change; what a reader meets can be an error or silence. */
export class MemoryAssignments implements AssignmentSource {
  streams: AssignedStream[] = []
  mode: 'answers' | 'fails' | 'fails-midway' | 'hangs' = 'answers'
  reads = 0
  readonly #listeners = new Set<() => void>()

  async *assignedStreams(): AsyncGenerator<AssignedStream> {
    this.reads += 1
    if (this.mode === 'hangs') await new Promise(() => undefined)
    if (this.mode === 'fails') throw new Error('the registry does not answer')
    for (const stream of this.streams) {
      yield stream
      if (this.mode === 'fails-midway') throw new Error('the registry broke off')
    }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(...streams: AssignedStream[]): void {
    this.streams = streams
    for (const listener of this.#listeners) listener()
  }
}

export class MemoryNetwork implements PartMembership, Publisher {
  readonly joined = new Set<string>()
  readonly published: { streamId: string; content: Record<string, unknown> }[] = []
  /** Parts without anybody there. */
  readonly lonely = new Set<string>()
  failJoin: ((part: string) => Error | undefined) | undefined
  failPublish: Error | undefined

  async join(part: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const failure = this.failJoin?.(part)
    if (failure !== undefined) throw failure
    this.joined.add(part)
  }

  async leave(part: string): Promise<void> {
    this.joined.delete(part)
  }

  hasNeighbours(part: string): boolean {
    return this.joined.has(part) && !this.lonely.has(part)
  }

  async publish(streamId: string, content: Record<string, unknown>): Promise<void> {
    if (this.failPublish !== undefined) throw this.failPublish
    this.published.push({ streamId, content })
  }

  announced(): unknown[] {
    return this.published.map(({ content }) => content.streamPart)
  }
}
