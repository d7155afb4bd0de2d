import type { AuditRequest } from '../../../../shared/audit.ts'
import type { MessageId } from '../../../../shared/message.ts'
import { VERDICTS } from '../../../../shared/verdict.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import { compareMessages } from '../../message/order.ts'
import type { MessageQuery, MessageStore, StoredMessage } from '../../ports.ts'
import { type AuditedBatch, auditedAt } from '../audited-batch.ts'
import type { VerifierPool } from '../verifier-pool.ts'
import type { AuditFold } from './audit-fold.ts'
import { PAGES_IN_FLIGHT } from './limits.ts'

/** Where an audit stopped: the last message it took, and how many copies of it (same id, same digest) it took. */
export interface AuditCursor {
  id: MessageId
  /** Lower-case hex. */
  digest: string
  copies: number
}

export interface AuditPassParts {
  store: Pick<MessageStore, 'query'>
  verifier: Pick<VerifierPool, 'audit'>
  fold: AuditFold
  /** Called after each page, in the order of the stream. */
  onPage(messages: readonly StoredMessage[], cursor: AuditCursor): Promise<void>
}

/**
 * Takes the messages of a range through the verifier and into the fold, in order and with back-pressure: the next
 * page is read while the one before is being verified, and no more than that is held.
 * @throws the signal's reason when it aborts; what the fold has then is what `onPage` was last called with
 */
export async function passOver(
  { part, from, to }: AuditRequest,
  after: AuditCursor | null,
  parts: AuditPassParts,
  signal: AbortSignal,
): Promise<void> {
  const { store, verifier, fold, onPage } = parts
  const query: MessageQuery = {
    part,
    from: after === null ? { timestamp: from, sequence: 0 } : after.id,
    to: { timestamp: to, sequence: MAX_SEQUENCE },
    // Left out of a query that does not ask for them: forged messages, which nobody sent.
    verdicts: VERDICTS,
  }
  const behind = new CursorGate(after)
  const waiting: { page: StoredMessage[]; audited: Promise<AuditedBatch> }[] = []
  const takeOldest = async () => {
    const oldest = waiting.shift()
    if (oldest === undefined) return
    const audited = await oldest.audited
    signal.throwIfAborted()
    for (const [at, stored] of oldest.page.entries()) fold.add({ stored, audited: auditedAt(audited, at) })
    const cursor = behind.advance(oldest.page)
    if (cursor !== null) await onPage(oldest.page, cursor)
  }
  for await (const read of store.query(query, signal)) {
    const page = behind.rest(read)
    if (page.length === 0) continue
    const audited = verifier.audit(page.map(({ raw }) => raw))
    // Awaited in its turn; until then its end is not unhandled.
    audited.catch(() => undefined)
    waiting.push({ page, audited })
    while (waiting.length >= PAGES_IN_FLIGHT) await takeOldest()
  }
  while (waiting.length > 0) await takeOldest()
}

/** Leaves out what was taken before a pause, and says where the next pause would go on. */
class CursorGate {
  #cursor: AuditCursor | null
  /** Copies of the cursor's message that are still to be left out. */
  #skip: number
  #isBehind: boolean

  constructor(cursor: AuditCursor | null) {
    this.#cursor = cursor
    this.#skip = cursor?.copies ?? 0
    this.#isBehind = cursor === null
  }

  rest(page: StoredMessage[]): StoredMessage[] {
    if (this.#isBehind) return page
    return page.filter((message) => this.#passes(message))
  }

  advance(page: readonly StoredMessage[]): AuditCursor | null {
    for (const { id, digest } of page) {
      const text = Buffer.from(digest).toString('hex')
      const known = this.#cursor
      if (known !== null && known.digest === text && isSame(known, { id, digest })) known.copies += 1
      else this.#cursor = { id, digest: text, copies: 1 }
    }
    return this.#cursor && { ...this.#cursor }
  }

  #passes(message: StoredMessage): boolean {
    if (this.#isBehind || this.#cursor === null) return true
    const order = compareMessages(message, keyOf(this.#cursor))
    if (order < 0) return false
    if (order === 0 && this.#skip > 0) {
      this.#skip -= 1
      return false
    }
    this.#isBehind = true
    return true
  }
}

function keyOf({ id, digest }: AuditCursor): { id: MessageId; digest: Uint8Array } {
  return { id, digest: Buffer.from(digest, 'hex') }
}

function isSame(cursor: AuditCursor, message: { id: MessageId; digest: Uint8Array }): boolean {
  return compareMessages(keyOf(cursor), message) === 0
}
