import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../../worker-url.ts'
import type { DatabaseAnswer, DatabaseRequest, OpenRequest, SqlRow, SqlValue, Statement } from './protocol.ts'
import { fromErrorShape } from './protocol.ts'

export type { SqlRow, SqlValue, Statement } from './protocol.ts'

/** An SQLite file. Statements are prepared once and kept. */
export interface Database {
  /** Runs the statements in one transaction, on disk when it resolves. Returns the rows each changed. */
  write(statements: readonly Statement[]): Promise<number[]>
  /** Rows of one query; the caller bounds it with LIMIT. */
  read<Row extends SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<Row[]>
  close(): Promise<void>
}

/** One worker thread that serves SQLite files, so that no commit ever holds up the thread that serves windows. */
export interface DatabaseHost {
  /**
   * Opens or creates a file and brings its schema up to date.
   * @param migrations statements by version: what is at index n leads from version n to n + 1. Never edited, only
   * appended to.
   * @throws TidemarkError `store-newer-than-code`, `data-folder-unusable`
   */
  open(path: string, migrations: readonly string[]): Promise<Database>
  /** Closes all files and ends the thread. Calls that are under way are finished first. */
  close(): Promise<void>
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

type RequestBody = DatabaseRequest extends infer R
  ? R extends DatabaseRequest
    ? Omit<R, 'call'>
    : never
  : never

class WorkerHost implements DatabaseHost {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #calls = 0
  #files = 0
  #ended: Error | null = null

  constructor() {
    this.#worker = new Worker(workerUrl(import.meta.url, 'database-worker'), { name: 'remote-log-database' })
    this.#worker.unref()
    this.#worker.on('message', (answer: DatabaseAnswer) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#end(new Error('The database thread has ended.')))
  }

  async open(path: string, migrations: readonly string[]): Promise<Database> {
    this.#files += 1
    const file = this.#files
    const request: Omit<OpenRequest, 'call'> = { kind: 'open', file, path, migrations }
    await this.#call(request)
    return {
      write: (statements) => {
        const detached = statements.map(({ sql, rows }) => ({
          sql,
          rows: rows.map((row) => row.map(detach)),
        }))
        return this.#call({ kind: 'write', file, statements: detached }) as Promise<number[]>
      },
      read: <Row extends SqlRow>(sql: string, ...parameters: SqlValue[]) =>
        this.#call({ kind: 'read', file, sql, parameters: parameters.map(detach) }) as Promise<Row[]>,
      close: async () => {
        if (this.#ended === null) await this.#call({ kind: 'close', file })
      },
    }
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return
    await this.#call({ kind: 'end' })
    await this.#worker.terminate()
  }

  #call(body: RequestBody): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    this.#calls += 1
    const call = this.#calls
    // The thread keeps the process alive only while it owes an answer.
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject })
      this.#worker.postMessage({ ...body, call } satisfies DatabaseRequest)
    })
  }

  #settle(answer: DatabaseAnswer): void {
    const pending = this.#pending.get(answer.call)
    this.#pending.delete(answer.call)
    if (this.#pending.size === 0) this.#worker.unref()
    if (answer.error === undefined) pending?.resolve(answer.value)
    else pending?.reject(fromErrorShape(answer.error))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}

/** A view is cloned with all of the memory it is a view of: a hash on a page would take the page along. */
function detach(value: SqlValue): SqlValue {
  return value instanceof Uint8Array && value.byteLength < value.buffer.byteLength
    ? Uint8Array.from(value)
    : value
}

export function createDatabaseHost(): DatabaseHost {
  return new WorkerHost()
}
