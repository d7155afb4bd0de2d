import type Sqlite from 'better-sqlite3'
import {
  ALERT_STATES,
  type AlertCounts,
  type AlertEnd,
  type AlertMark,
  type AlertView,
} from '../../../../shared/rules/alert.ts'
import { MAX_MARKS } from '../../../../shared/rules/limits.ts'
import { type Rule, SEVERITIES, type Severity } from '../../../../shared/rules/rule.ts'
import { meaningOf } from '../evaluator/compiled-rule.ts'
import type { Transition } from '../evaluator/transition.ts'
import { KEEP_ALERTS_MS, MAX_KEPT_ALERTS } from '../limits.ts'

/** What is asked of the list of alerts; the newest first, those that last before those that ended. */
export interface AlertListQuery {
  state: 'open' | 'resolved'
  part?: string | undefined
  ruleId?: string | undefined
  /** The last one of the page before. */
  after?: { since: number; id: string } | undefined
  limit: number
}

interface AlertRow {
  id: string
  rule_id: string
  rule: string
  severity: Severity
  part: string
  publisher: string | null
  state: number
  since: number
  fired_at: number | null
  resolved_at: number | null
  ended_by: AlertEnd | null
  sentence: string
  value: string | null
  note: string
  acknowledged_at: number | null
  silenced: number
}

const SILENCED = `EXISTS (SELECT 1 FROM silences s WHERE s.ends_at > :now
  AND (s.rule_id IS NULL OR s.rule_id = a.rule_id) AND (s.publisher IS NULL OR s.publisher = a.publisher))`

/** Alerts on disk. A step that was taken already, before a crash, changes nothing when it is taken again. */
export class AlertTable {
  readonly #db: Sqlite.Database
  readonly #begin
  readonly #fire
  readonly #resolve
  readonly #drop
  readonly #count

  constructor(db: Sqlite.Database) {
    this.#db = db
    this.#begin = db.prepare(
      `INSERT INTO alerts (id, rule_id, meaning, rule, severity, part, publisher, state, since, sentence, value, note, seen_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#fire = db.prepare(
      'UPDATE alerts SET state = 1, fired_at = ?, seen_at = ? WHERE id = ? AND state = 0',
    )
    this.#resolve = db.prepare(
      "UPDATE alerts SET state = 2, resolved_at = ?, ended_by = 'condition' WHERE id = ? AND state = 1",
    )
    this.#drop = db.prepare('DELETE FROM alerts WHERE id = ? AND state = 0')
    this.#count = db.prepare<[], { state: number; severity: Severity; n: number; acknowledged: number }>(
      `SELECT state, severity, count(*) AS n, count(acknowledged_at) AS acknowledged
       FROM alerts WHERE state < 2 GROUP BY state, severity`,
    )
  }

  /** @returns whether anything changed */
  apply(step: Transition, rule: Rule, now: number): boolean {
    const { alert, to, at, since, sentence, value, publisher } = step
    if (to === 'dropped') return this.#drop.run(alert).changes > 0
    if (to === 'resolved') return this.#resolve.run(at, alert).changes > 0
    const { id, name, severity, part, note } = rule
    const shown = value === null ? null : JSON.stringify(value)
    const begun = this.#begin.run(
      alert,
      id,
      meaningOf(rule),
      name,
      severity,
      part,
      publisher,
      since,
      sentence,
      shown,
      note,
      now,
    )
    const fired = to === 'firing' ? this.#fire.run(at, now, alert).changes : 0
    return begun.changes + fired > 0
  }

  /** Ends what rules that are gone, changed or switched off have open, and renames the others' alerts. */
  followRules(rules: readonly Rule[], now: number): boolean {
    const live = new Map(rules.filter(({ enabled }) => enabled).map((rule) => [meaningOf(rule), rule]))
    const open = this.#db
      .prepare<[], { id: string; meaning: string }>('SELECT id, meaning FROM alerts WHERE state < 2')
      .all()
    const drop = this.#drop
    const end = this.#db.prepare(
      "UPDATE alerts SET state = 2, resolved_at = max(since, ?), ended_by = 'rule' WHERE id = ? AND state = 1",
    )
    const rename = this.#db.prepare('UPDATE alerts SET rule = ?, severity = ?, note = ? WHERE id = ?')
    for (const { id, meaning } of open) {
      const rule = live.get(meaning)
      if (rule !== undefined) rename.run(rule.name, rule.severity, rule.note, id)
      else if (drop.run(id).changes === 0) end.run(now, id)
    }
    return open.length > 0
  }

  /** Ends all that a part has open. */
  endPart(part: string, now: number): void {
    this.#db.prepare('DELETE FROM alerts WHERE part = ? AND state = 0').run(part)
    this.#db
      .prepare(
        "UPDATE alerts SET state = 2, resolved_at = max(since, ?), ended_by = 'rule' WHERE part = ? AND state = 1",
      )
      .run(now, part)
  }

  counts(): AlertCounts {
    const rows = this.#count.all()
    const counts: AlertCounts = { firing: 0, pending: 0, acknowledged: 0, worst: null }
    for (const { state, severity, n, acknowledged } of rows) {
      if (state === 0) {
        counts.pending += n
        continue
      }
      counts.firing += n
      counts.acknowledged += acknowledged
      if (counts.worst === null || SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(counts.worst)) {
        counts.worst = severity
      }
    }
    return counts
  }

  list({ state, part, ruleId, after, limit }: AlertListQuery, now: number): AlertView[] {
    const where = [state === 'open' ? 'a.state < 2' : 'a.state = 2']
    if (part !== undefined) where.push('a.part = :part')
    if (ruleId !== undefined) where.push('a.rule_id = :ruleId')
    // Firing before pending: the state is the first key of the order, and of the cursor no part, as open ones fit a page.
    if (after !== undefined) where.push('(a.since, a.id) < (:since, :id)')
    const rows = this.#db
      .prepare<[object], AlertRow>(
        `SELECT a.*, ${SILENCED} AS silenced FROM alerts a WHERE ${where.join(' AND ')}
         ORDER BY ${state === 'open' ? 'a.state DESC, ' : ''}a.since DESC, a.id DESC LIMIT :limit`,
      )
      .all({ now, part, ruleId, since: after?.since, id: after?.id, limit })
    return rows.map(toView)
  }

  /** One alert, open or over; null when there is none by that id, or it has been forgotten. */
  one(id: string, now: number): AlertView | null {
    const row = this.#db
      .prepare<[object], AlertRow>(`SELECT a.*, ${SILENCED} AS silenced FROM alerts a WHERE a.id = :id`)
      .get({ id, now })
    return row === undefined ? null : toView(row)
  }

  /** Stretches in which alerts fired, of a stream part, within a range of message time; the newest first. */
  marks(part: string, from: number, to: number): AlertMark[] {
    return this.#db
      .prepare<[object], AlertMark>(
        `SELECT id, rule, severity, publisher, coalesce(fired_at, since) AS "from", resolved_at AS "to" FROM alerts
         WHERE part = :part AND since <= :to AND coalesce(fired_at, since) <= :to AND state > 0 AND (resolved_at IS NULL OR resolved_at >= :from)
         ORDER BY since DESC LIMIT :limit`,
      )
      .all({ part, from, to, limit: MAX_MARKS })
  }

  /** @param isIt false takes the acknowledgement back */
  acknowledge(ids: readonly string[], isIt: boolean, now: number): number {
    const set = this.#db.prepare('UPDATE alerts SET acknowledged_at = ? WHERE id = ? AND state < 2')
    let changed = 0
    for (const id of ids) changed += set.run(isIt ? now : null, id).changes
    return changed
  }

  /** Forgets what ended long ago, and the oldest of too many. */
  prune(now: number): void {
    this.#db
      .prepare('DELETE FROM alerts WHERE state = 2 AND notified <> 1 AND resolved_at < ?')
      .run(now - KEEP_ALERTS_MS)
    this.#db
      .prepare(
        `DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE state = 2
         ORDER BY since DESC LIMIT -1 OFFSET ?)`,
      )
      .run(MAX_KEPT_ALERTS)
  }
}

function toView(row: AlertRow): AlertView {
  return {
    id: row.id,
    ruleId: row.rule_id,
    rule: row.rule,
    severity: row.severity,
    part: row.part,
    publisher: row.publisher,
    state: ALERT_STATES[row.state] ?? 'pending',
    since: row.since,
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
    endedBy: row.ended_by,
    sentence: row.sentence,
    value: row.value === null ? null : JSON.parse(row.value),
    acknowledgedAt: row.acknowledged_at,
    isSilenced: row.silenced === 1,
    note: row.note,
  }
}
