import { Client } from 'pg'
import { clientConfig } from '../../postgres/client-config.ts'
import { CONNECT_TIMEOUT_MS } from '../../postgres/limits.ts'
import type { PostgresTarget } from '../../postgres/postgres-target.ts'
import { FIRST_LOOK_MS, LAST_LOOK_MS } from '../limits.ts'

export interface OutageOptions {
  target: PostgresTarget
  now(): number
  /** The server takes changes again, as far as can be seen. */
  onBack(): void
}

/**
 * A time in which the database is away. Looks for it with a wait that doubles, without blocking the thread it is on,
 * until it answers. `end` is for when it has also done what was asked of it: until then a new outage goes on with the
 * waits of the last.
 */
export class Outage {
  readonly #options: OutageOptions
  #isAway = false
  #begunAt: number | null = null
  #error: unknown = null
  #waitMs = FIRST_LOOK_MS
  #timer: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(options: OutageOptions) {
    this.#options = options
  }

  /** Since when, ms since the epoch; null while there is none. */
  get since(): number | null {
    return this.#isAway ? this.#begunAt : null
  }

  get error(): unknown {
    return this.#error
  }

  begin(error: unknown): void {
    this.#error = error
    this.#isAway = true
    this.#begunAt ??= this.#options.now()
    if (this.#timer !== null || this.#isStopped) return
    this.#timer = setTimeout(() => void this.#look(), this.#waitMs)
    this.#waitMs = Math.min(this.#waitMs * 2, LAST_LOOK_MS)
  }

  end(): void {
    this.#waitMs = FIRST_LOOK_MS
    this.#begunAt = null
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #look(): Promise<void> {
    const answers = await takesChanges(this.#options.target)
    this.#timer = null
    if (this.#isStopped) return
    if (!answers) {
      this.begin(this.#error)
      return
    }
    this.#isAway = false
    this.#options.onBack()
  }
}

async function takesChanges(target: PostgresTarget): Promise<boolean> {
  const client = new Client({ ...clientConfig(target), query_timeout: CONNECT_TIMEOUT_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ on: string }>(
      `SELECT current_setting('transaction_read_only') AS "on"`,
    )
    return rows[0]?.on === 'off'
  } catch {
    // Whatever it says, it is not there for us; what it says is told by the one who needs it.
    return false
  } finally {
    client.end().catch(() => undefined)
  }
}
