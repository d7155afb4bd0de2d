import type { StreamPartId } from '../../../../shared/message.ts'
import type { MessageStore, StoredNotice } from '../../ports.ts'
import type { Database } from '../database/database.ts'
import type { LogSource } from '../ports.ts'
import { JournalFile } from './journal-file.ts'
import { PartJournal } from './part-journal.ts'
import { readEntries } from './read-entries.ts'

export interface LocalLogOptions {
  store: Pick<MessageStore, 'query' | 'fingerprints' | 'statistics'>
  /** A file opened with `JOURNAL_MIGRATIONS`. */
  database: Database
}

/** What this node holds of stream parts, in order of storing: the verified messages, numbered as they came. */
export interface LocalLog extends LogSource {
  /** To be called after each commit of the store. */
  stored(notice: StoredNotice): void
  /** Ends what is being read; calls that are under way fail. */
  stop(): void
}

/** A part is numbered from the first time it is read on; before, nothing is kept of it. */
class Journal implements LocalLog {
  readonly #options: LocalLogOptions
  readonly #stopping = new AbortController()
  readonly #parts = new Map<StreamPartId, Promise<{ journal: PartJournal; file: JournalFile }>>()
  readonly #open = new Map<StreamPartId, PartJournal>()

  constructor(options: LocalLogOptions) {
    this.#options = options
  }

  stored({ part, firstTimestamp, lastTimestamp }: StoredNotice): void {
    // A part that is only being opened compares itself with the store when it is.
    this.#open.get(part)?.touched({ from: firstTimestamp, to: lastTimestamp })
  }

  stop(): void {
    this.#stopping.abort(new Error('the local log is stopping'))
  }

  async read(
    part: StreamPartId,
    position: number,
    { maxEntries, maxBytes }: { maxEntries: number; maxBytes: number },
    signal?: AbortSignal,
  ) {
    const { journal, file } = await this.#part(part)
    await journal.catchUp()
    for (let at = position; ; ) {
      signal?.throwIfAborted()
      const entries = await file.after(at, maxEntries, maxBytes)
      const last = entries.at(-1)
      if (last === undefined) return []
      const messages = await readEntries(this.#options.store, part, entries, signal)
      if (messages.length > 0) return messages
      // Retention has taken all of these.
      at = last.position
    }
  }

  #part(part: StreamPartId) {
    let opened = this.#parts.get(part)
    if (opened === undefined) {
      opened = this.#openPart(part)
      opened.catch(() => this.#parts.delete(part))
      this.#parts.set(part, opened)
    }
    return opened
  }

  async #openPart(part: StreamPartId) {
    const { store, database } = this.#options
    const file = await JournalFile.open(database, part)
    const journal = new PartJournal({
      part,
      store,
      file,
      position: await file.lastPosition(),
      signal: this.#stopping.signal,
    })
    this.#open.set(part, journal)
    return { journal, file }
  }
}

export function createLocalLog(options: LocalLogOptions): LocalLog {
  return new Journal(options)
}
