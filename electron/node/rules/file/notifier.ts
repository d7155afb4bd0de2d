import type Sqlite from 'better-sqlite3'
import type { AlertNotice, NoticeAlert } from '../../../../shared/rules/channel.ts'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { GROUP_WAIT_MS, MAX_LISTED_ALERTS, MAX_UNTOLD } from '../channels/limits.ts'
import type { DeliveryTable } from './delivery-table.ts'

interface UntoldRow {
  id: string
  rule_id: string
  publisher: string | null
  state: number
  since: number
  sentence: string
  seen_at: number
  notified: number
  notified_at: number | null
}

const NOT_SILENCED = `NOT EXISTS (SELECT 1 FROM silences s WHERE s.ends_at > :now
  AND (s.rule_id IS NULL OR s.rule_id = a.rule_id) AND (s.publisher IS NULL OR s.publisher = a.publisher))`

const COLUMNS = 'id, rule_id, publisher, state, since, sentence, seen_at, notified, notified_at'

/**
 * Puts notices in the queue: what fires and was not told, what was told and is over, what lasts and is to be told
 * again. Each alert knows what its channels were told last, in the same file, so a restart neither repeats nor forgets.
 */
export class Notifier {
  readonly #db: Sqlite.Database
  readonly #deliveries: DeliveryTable
  readonly #selectUntold

  constructor(db: Sqlite.Database, deliveries: DeliveryTable) {
    this.#db = db
    this.#deliveries = deliveries
    this.#selectUntold = db.prepare<[{ now: number; limit: number }], UntoldRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT ${COLUMNS}, acknowledged_at FROM alerts WHERE state = 1
         UNION ALL SELECT ${COLUMNS}, acknowledged_at FROM alerts WHERE state = 2 AND notified = 1
       ) a WHERE (state = 2 OR notified = 0 OR acknowledged_at IS NULL) AND ${NOT_SILENCED} ORDER BY notified LIMIT :limit`,
    )
  }

  /** @returns whether anything was put in the queue; to be called within a transaction */
  queue(rules: ReadonlyMap<string, Rule>, now: number): boolean {
    const groups = Map.groupBy(this.#untold(now), ({ rule_id }) => rule_id)
    let isAny = false
    for (const [ruleId, rows] of groups) {
      const rule = rules.get(ruleId)
      const due = rows.filter((row) => isDue(row, rule, now))
      if (due.length === 0) continue
      // What comes at the same time is told together.
      const first = Math.min(...due.map(({ seen_at, notified }) => (notified === 0 ? seen_at : 0)))
      if (now - first < GROUP_WAIT_MS) continue
      this.#mark(due, now)
      if (rule === undefined || rule.channels.length === 0) continue
      const notice = this.#notice(rule, due, now)
      for (const channel of rule.channels) this.#deliveries.add(channel, notice, now)
      isAny = true
    }
    return isAny
  }

  #untold(now: number): UntoldRow[] {
    return this.#selectUntold.all({ now, limit: MAX_UNTOLD })
  }

  #mark(rows: readonly UntoldRow[], now: number): void {
    const mark = this.#db.prepare('UPDATE alerts SET notified = ?, notified_at = ? WHERE id = ?')
    for (const { id, state } of rows) mark.run(state, now, id)
  }

  #notice(rule: Rule, rows: readonly UntoldRow[], now: number): AlertNotice {
    const firing = rows.filter(({ state }) => state === 1)
    const resolved = rows.filter(({ state }) => state === 2)
    const listedFiring = firing.slice(0, MAX_LISTED_ALERTS)
    const listedResolved = resolved.slice(0, MAX_LISTED_ALERTS)
    const stillFiring = this.#db
      .prepare<[string], number>('SELECT count(*) FROM alerts WHERE rule_id = ? AND state = 1')
      .pluck()
      .get(rule.id)
    return {
      isTest: false,
      rule: rule.name,
      ruleId: rule.id,
      part: rule.part,
      severity: rule.severity,
      note: rule.note,
      isReminder: firing.length > 0 && firing.every(({ notified }) => notified === 1),
      firing: listedFiring.map(toNoticeAlert),
      resolved: listedResolved.map(toNoticeAlert),
      more: rows.length - listedFiring.length - listedResolved.length,
      stillFiring: stillFiring ?? 0,
      at: now,
    }
  }
}

function isDue({ state, notified, notified_at }: UntoldRow, rule: Rule | undefined, now: number): boolean {
  if (state === 2 || notified === 0) return true
  return rule?.repeatMs !== undefined && now - (notified_at ?? 0) >= rule.repeatMs
}

function toNoticeAlert({ publisher, sentence, since }: UntoldRow): NoticeAlert {
  return { publisher, sentence, since }
}
