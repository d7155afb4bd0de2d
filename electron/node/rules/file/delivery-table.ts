import type Sqlite from 'better-sqlite3'
import type { AlertNotice, DeliveryView } from '../../../../shared/rules/channel.ts'
import {
  FIRST_RETRY_MS,
  LAST_RETRY_MS,
  MAX_ATTEMPTS,
  MAX_KEPT_DELIVERIES,
  MAX_SHOWN_DELIVERIES,
  MAX_WAITING,
} from '../channels/limits.ts'
import { noticeTitle } from '../channels/notice-text.ts'

export interface DueDelivery {
  id: number
  channel: string
  notice: AlertNotice
}

export interface ChannelDeliveries {
  waiting: number
  lastDeliveredAt: number | null
  problem: string | null
}

interface DeliveryRow {
  id: number
  channel: string
  created_at: number
  body: string
  attempts: number
  state: number
  problem: string | null
  settled_at: number | null
}

const STATES = ['waiting', 'delivered', 'given-up'] as const

/** What channels are still to be told, and what became of it, on disk and bounded. */
export class DeliveryTable {
  readonly #db: Sqlite.Database
  readonly #selectDue

  constructor(db: Sqlite.Database) {
    this.#db = db
    this.#selectDue = db.prepare<[number], Pick<DeliveryRow, 'id' | 'channel' | 'body'>>(
      `SELECT id, channel, body FROM deliveries WHERE id IN
       (SELECT min(id) FROM deliveries WHERE state = 0 GROUP BY channel) AND due_at <= ?`,
    )
  }

  /** Of too many that wait, the oldest are given up: the newest tell how things are. */
  add(channel: string, notice: AlertNotice, now: number): void {
    this.#db
      .prepare('INSERT INTO deliveries (channel, created_at, body, due_at) VALUES (?, ?, ?, ?)')
      .run(channel, now, JSON.stringify(notice), now)
    this.#db
      .prepare(
        `UPDATE deliveries SET state = 2, settled_at = ?, problem = 'Too many notices waited for this channel.'
         WHERE id IN (SELECT id FROM deliveries WHERE channel = ? AND state = 0 ORDER BY id DESC LIMIT -1 OFFSET ?)`,
      )
      .run(now, channel, MAX_WAITING)
    this.#db
      .prepare(
        `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE state > 0 ORDER BY id DESC LIMIT -1 OFFSET ?)`,
      )
      .run(MAX_KEPT_DELIVERIES)
  }

  /** The oldest of each channel that is due: a channel is told one thing after the other. */
  due(now: number): DueDelivery[] {
    return this.#selectDue
      .all(now)
      .map(({ id, channel, body }) => ({ id, channel, notice: JSON.parse(body) as AlertNotice }))
  }

  /** @param problem null when it was delivered */
  settle(id: number, problem: string | null, now: number): void {
    if (problem === null) {
      this.#db
        .prepare(
          'UPDATE deliveries SET state = 1, attempts = attempts + 1, problem = NULL, settled_at = ? WHERE id = ?',
        )
        .run(now, id)
      return
    }
    const attempts =
      (this.#db.prepare<[number], number>('SELECT attempts FROM deliveries WHERE id = ?').pluck().get(id) ??
        0) + 1
    const isOver = attempts >= MAX_ATTEMPTS
    this.#db
      .prepare(
        'UPDATE deliveries SET state = ?, attempts = ?, problem = ?, due_at = ?, settled_at = ? WHERE id = ?',
      )
      .run(
        isOver ? 2 : 0,
        attempts,
        problem.slice(0, 500),
        now + Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS),
        now,
        id,
      )
  }

  ofChannel(channel: string): ChannelDeliveries {
    const waiting = this.#db
      .prepare<[string], number>('SELECT count(*) FROM deliveries WHERE channel = ? AND state = 0')
      .pluck()
    const last = this.#db
      .prepare<[string], number | null>(
        'SELECT max(settled_at) FROM deliveries WHERE channel = ? AND state = 1',
      )
      .pluck()
    const newest = this.#db
      .prepare<[string], string | null>(
        'SELECT problem FROM deliveries WHERE channel = ? AND settled_at IS NOT NULL ORDER BY settled_at DESC, id DESC LIMIT 1',
      )
      .pluck()
    return {
      waiting: waiting.get(channel) ?? 0,
      lastDeliveredAt: last.get(channel) ?? null,
      problem: newest.get(channel) ?? null,
    }
  }

  newest(): DeliveryView[] {
    return this.#db
      .prepare<[number], DeliveryRow>('SELECT * FROM deliveries ORDER BY id DESC LIMIT ?')
      .all(MAX_SHOWN_DELIVERIES)
      .map((row) => ({
        id: row.id,
        channel: row.channel,
        createdAt: row.created_at,
        title: noticeTitle(JSON.parse(row.body) as AlertNotice),
        state: STATES[row.state] ?? 'waiting',
        attempts: row.attempts,
        problem: row.problem,
        settledAt: row.settled_at,
      }))
  }
}
