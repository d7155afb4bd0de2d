import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { MessageId } from '../../../shared/message.ts'
import { type VerdictChange, verdictChangeSchema } from '../../../shared/verdict-history.ts'
import type { Logger } from '../ports.ts'
import { MAX_HISTORY_FILE_BYTES, MAX_KEPT_CHANGES } from './verifier-limits.ts'

/** What became of verdicts after they were given, the newest changes of the node. */
export interface VerdictHistory {
  /** Takes changes down; they are on disk soon after. */
  add(changes: readonly VerdictChange[]): void
  /** Of one message, oldest first. */
  of(id: MessageId, digest: string): VerdictChange[]
  /** Resolves when all is written. */
  stop(): Promise<void>
}

/** Opens the history kept in `file`, one change a line; lines that cannot be read are left out. */
export async function openVerdictHistory(file: string, logger: Logger): Promise<VerdictHistory> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const history = new FileHistory(file, logger)
  await history.load()
  return history
}

class FileHistory implements VerdictHistory {
  readonly #file: string
  readonly #logger: Logger
  #changes: VerdictChange[] = []
  #sizeBytes = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
  }

  async load(): Promise<void> {
    for (const path of [this.#older, this.#file]) this.#keep(parseLines(await textOf(path)))
    this.#sizeBytes = (await stat(this.#file).catch(() => null))?.size ?? 0
  }

  add(changes: readonly VerdictChange[]): void {
    if (changes.length === 0) return
    this.#keep(changes)
    const lines = changes.map((change) => `${JSON.stringify(change)}\n`).join('')
    this.#writing = this.#writing
      .then(() => this.#write(lines))
      .catch((error: unknown) =>
        this.#logger.warn({ error }, 'Changes of verdicts could not be written down'),
      )
  }

  of(id: MessageId, digest: string): VerdictChange[] {
    return this.#changes.filter((change) => change.digest === digest && isSame(change.id, id))
  }

  stop(): Promise<void> {
    return this.#writing
  }

  get #older(): string {
    return `${this.#file}.1`
  }

  #keep(changes: readonly VerdictChange[]): void {
    this.#changes.push(...changes)
    // By halves, so that it is not copied for every batch.
    if (this.#changes.length > 2 * MAX_KEPT_CHANGES) this.#changes = this.#changes.slice(-MAX_KEPT_CHANGES)
  }

  /** A file that is full becomes the older one, and the one that was older goes. */
  async #write(lines: string): Promise<void> {
    if (this.#sizeBytes > MAX_HISTORY_FILE_BYTES) {
      await rename(this.#file, this.#older)
      this.#sizeBytes = 0
    }
    await appendFile(this.#file, lines, { mode: 0o600 })
    this.#sizeBytes += Buffer.byteLength(lines)
  }
}

async function textOf(path: string): Promise<string> {
  const size = (await stat(path).catch(() => null))?.size ?? 0
  // A file may exceed its bound by the batch that filled it; a larger one is not this node's.
  return size === 0 || size > 4 * MAX_HISTORY_FILE_BYTES ? '' : readFile(path, 'utf8')
}

function parseLines(text: string): VerdictChange[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = verdictChangeSchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      // The last line of a node that was killed, or none.
      return []
    }
  })
}

function isSame(a: MessageId, b: MessageId): boolean {
  return (
    a.timestamp === b.timestamp &&
    a.sequence === b.sequence &&
    a.publisher === b.publisher &&
    a.chain === b.chain &&
    a.partition === b.partition &&
    a.streamId === b.streamId
  )
}
