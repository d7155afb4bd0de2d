import type { SpoolStatus } from '../../../../shared/database.ts'
import { type ErrorView, TidemarkError } from '../../../../shared/errors.ts'

/** What the writer thread tells of its spool. */
export interface SpoolNews {
  status: SpoolStatus
  /** What keeps the database away; null while it is there. */
  error: ErrorView | null
}

const NOTHING: SpoolStatus = {
  messages: 0,
  bytes: 0,
  maxBytes: 0,
  firstTimestamp: null,
  lastTimestamp: null,
  awaySince: null,
  setAside: 0,
}

/** What is known on the window's side of the database and of what waits for it, and how a user is told. */
export class SpoolWatch {
  #news: SpoolNews = { status: NOTHING, error: null }
  #trouble: ErrorView | null = null

  changed(news: SpoolNews): void {
    this.#news = news
  }

  /** New messages cannot be stored at all. */
  trouble(error: ErrorView | null): void {
    this.#trouble = error
  }

  status(): SpoolStatus {
    return this.#news.status
  }

  /** Why nothing can be read; says what cannot be shown. */
  away(): TidemarkError | null {
    const { status, error } = this.#news
    if (status.awaySince === null || error === null) return null
    return new TidemarkError(error.code, `${error.message} ${waiting(status)}`, error.remedy)
  }

  problem(): ErrorView | null {
    if (this.#trouble !== null) return this.#trouble
    const away = this.away()
    if (away !== null) return { code: away.code, message: away.message, remedy: away.remedy }
    const { messages, setAside } = this.#news.status
    if (messages > 0) {
      return {
        code: 'busy',
        message: `The database is there again. ${count(messages)} ${span(this.#news.status)}are on their way to it and missing from what is shown until they are stored.`,
        remedy: 'Nothing needs to be done.',
      }
    }
    if (setAside === 0) return null
    return {
      code: 'database-unsuitable',
      message: `The database refused ${count(setAside)} for what they are. They are kept in the spool of the data folder.`,
      remedy: 'The log of this node and the file “spool.sqlite” say more; all other messages are stored.',
    }
  }
}

function waiting(status: SpoolStatus): string {
  const since = new Date(status.awaySince ?? 0).toISOString()
  if (status.messages === 0)
    return `It has been away since ${since}; what it holds cannot be shown until it is back.`
  return `It has been away since ${since}: what it holds cannot be shown until it is back, nor can ${count(status.messages)} ${span(status)}that wait on this machine’s disk.`
}

function count(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`
}

function span({ firstTimestamp, lastTimestamp }: SpoolStatus): string {
  if (firstTimestamp === null || lastTimestamp === null) return ''
  const [from, to] = [new Date(firstTimestamp).toISOString(), new Date(lastTimestamp).toISOString()]
  return from === to ? `of ${from} ` : `from ${from} to ${to} `
}
