import type { AuditBody } from '../../../../shared/audit-report.ts'
import { parseStreamPartId } from '../../../../shared/message.ts'
import { MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import type { Clock, StoredMessage } from '../../ports.ts'
import type { AuditDeskOptions } from './audit-desk.ts'
import { AuditFold } from './audit-fold.ts'
import { type AuditCursor, passOver } from './audit-pass.ts'
import { ContentSchema } from './content-schema.ts'
import { MAX_HELD_SHOWN, MAX_TIMELINE_BUCKETS, SAVE_INTERVAL_FACTOR, SAVE_INTERVAL_MS } from './limits.ts'
import { reportBody } from './report-body.ts'
import type { SavedAudit } from './saved-audit.ts'

export interface AuditRunParts
  extends Pick<AuditDeskOptions, 'store' | 'verifier' | 'permissions' | 'schemaOf' | 'network' | 'clock'> {
  save(): Promise<void>
  onChange(): void
}

/**
 * Carries an audit from where it is to its end, saving its progress on the way.
 * @throws the signal's reason when it aborts; the progress is saved then
 */
export async function runAudit(
  audit: SavedAudit,
  parts: AuditRunParts,
  signal: AbortSignal,
): Promise<AuditBody> {
  const { view } = audit
  const { store, verifier, permissions, network, clock } = parts
  const timeline = await store.timeline(view.part, view.from, view.to + 1, MAX_TIMELINE_BUCKETS)
  view.expected = timeline.buckets.reduce((sum, { count }) => sum + count, 0)
  const fold = new AuditFold(view, audit.progress?.fold)
  const { streamId } = parseStreamPartId(view.part)
  const schema = ContentSchema.of(await parts.schemaOf?.(streamId), audit.progress?.schema)
  let cursor: AuditCursor | null = audit.progress?.cursor ?? null
  const saving = new Saving(clock, async () => {
    audit.progress = cursor && { cursor, fold: fold.state(), schema: schema && { ...schema.counts } }
    await parts.save()
  })
  const onPage = async (page: readonly StoredMessage[], reached: AuditCursor) => {
    const verified = schema === null ? [] : page.filter(({ verdict }) => verdict === 'verified')
    await schema?.check(verified, (message, problem) => fold.addSchemaViolation(message, { problem }))
    cursor = reached
    audit.readUpTo = reached.id.timestamp
    view.checked = fold.totals.messages
    view.findings = fold.findings.counts()
    parts.onChange()
    if (saving.isDue()) await saving.run()
  }
  try {
    await passOver(view, cursor, { store, verifier, fold, onPage }, signal)
  } catch (error) {
    if (signal.aborted) await saving.run()
    throw error
  }
  const held = await heldBackOf(store, view)
  for (const message of held) fold.addHeldBack(message)
  view.findings = fold.findings.counts()
  const dropped = timeline.buckets.reduce((sum, bucket) => sum + bucket.dropped, 0)
  const facts = { dropped, heldBack: held.length, schema: schema && { ...schema.counts } }
  return reportBody({ request: view, fold, network, permissions, ...facts }, signal)
}

/**
 * Messages that claim a time which has not come: those of the range, and those that came during it, so that an audit up
 * to now sees a clock that is ahead.
 */
async function heldBackOf(
  store: AuditRunParts['store'],
  { part, from, to }: SavedAudit['view'],
): Promise<StoredMessage[]> {
  const held = (await store.heldBack?.(part, from, MAX_TIMESTAMP_MS, MAX_HELD_SHOWN)) ?? []
  return held.filter(({ id, receivedAt }) => id.timestamp <= to || (receivedAt >= from && receivedAt <= to))
}

/** Saves now and then, and the more rarely the longer a save takes. */
class Saving {
  readonly #clock: Clock
  readonly #save: () => Promise<void>
  #dueAt: number

  constructor(clock: Clock, save: () => Promise<void>) {
    this.#clock = clock
    this.#save = save
    this.#dueAt = clock.now() + SAVE_INTERVAL_MS
  }

  isDue(): boolean {
    return this.#clock.now() >= this.#dueAt
  }

  async run(): Promise<void> {
    const start = this.#clock.now()
    await this.#save()
    const end = this.#clock.now()
    this.#dueAt = end + Math.max(SAVE_INTERVAL_MS, (end - start) * SAVE_INTERVAL_FACTOR)
  }
}
