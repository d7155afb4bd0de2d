import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LateStretch } from '../../../electron/node/rules/engine/late-stretches.ts'
import { RuleEngine } from '../../../electron/node/rules/engine/rule-engine.ts'
import type { RuleMessage } from '../../../electron/node/rules/evaluator/rule-message.ts'
import { AlertTable } from '../../../electron/node/rules/file/alert-table.ts'
import { ALERT_MIGRATIONS } from '../../../electron/node/rules/file/migrations.ts'
import { SavedState } from '../../../electron/node/rules/file/saved-state.ts'
import { MAX_LATE_MESSAGES } from '../../../electron/node/rules/limits.ts'
import { message, PART, rule, START } from './run-rules.ts'

const HOT = rule({ kind: 'threshold', field: 'cpu', op: 'above', value: 90 })

describe('what comes late to the engine', () => {
  let db: Sqlite.Database
  let alerts: AlertTable
  let stored: RuleMessage[]
  let now: number

  /** On the same file, as after a start. */
  function open(): RuleEngine {
    const engine = new RuleEngine({
      state: new SavedState(db),
      source: {
        read({ from, to, cursor, limit }) {
          const skip = (cursor as { skip: number } | null)?.skip ?? 0
          const found = stored
            .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
            .sort((a, b) => a.timestamp - b.timestamp)
          const messages = found.slice(skip, skip + limit)
          return { messages, next: found.length > skip + limit ? { skip: skip + limit } : null }
        },
        close: () => undefined,
      },
      record: (steps, also) => {
        db.transaction(() => {
          for (const { step, rule: of } of steps) alerts.apply(step, of, now)
          also()
        })()
      },
      onForgotten: (part) => alerts.endPart(part, now),
    })
    engine.open(now)
    return engine
  }

  beforeEach(() => {
    db = new Sqlite(':memory:')
    for (const migration of ALERT_MIGRATIONS) db.exec(migration)
    alerts = new AlertTable(db)
    new SavedState(db).setRules([HOT])
    stored = []
    now = START
  })
  afterEach(() => {
    db.close()
  })

  const at = (seconds: number): void => {
    now = START + seconds * 1_000
  }
  const late = (from: number, to = from): LateStretch => ({
    part: PART,
    from: START + from * 1_000,
    to: START + to * 1_000,
    receivedAt: now,
    forged: false,
    unauthorised: false,
  })
  const openNow = () =>
    alerts.list({ state: 'open', limit: 10 }, now).map(({ since, state }) => [(since - START) / 1_000, state])

  it('begins an alert that a crash right after neither forgets nor leaves stuck', async () => {
    let engine = open()
    at(60)
    await engine.round(now, [])
    stored.push(message(20, { cpu: 99 }))
    at(61)
    await engine.round(now, [late(20)])
    expect(openNow()).toEqual([[20, 'firing']])

    engine = open()
    at(62)
    await engine.round(now, [])
    expect(openNow()).toEqual([[20, 'firing']])
    stored.push(message(60, { cpu: 10 }))
    at(70)
    await engine.round(now, [])
    expect(openNow()).toEqual([])
  })

  it('is looked through bit by bit, and nothing else waits for it', async () => {
    const engine = open()
    at(20_000)
    await engine.round(now, [])
    const many = MAX_LATE_MESSAGES * 2
    for (let n = 0; n < many; n++) stored.push(message(1 + n, { cpu: n === many - 1 ? 99 : 10 }))
    stored.push(message(19_998, { cpu: 50 }, { chain: 'other', publisher: `0x${'d'.repeat(40)}` }))
    at(20_006)
    await engine.round(now, [late(1, many)])
    expect(openNow()).toEqual([])
    expect(engine.positions()[PART]).toBe(now - 5_000)
    at(20_007)
    await engine.round(now, [])
    at(20_008)
    await engine.round(now, [])
    expect(openNow()).toEqual([[many, 'firing']])
  })

  it('is not looked for further back than a day', async () => {
    const engine = open()
    at(3 * 86_400)
    await engine.round(now, [])
    stored.push(
      message(86_400, { cpu: 99 }),
      message(2 * 86_400 + 60, { cpu: 99 }, { publisher: `0x${'d'.repeat(40)}` }),
    )
    await engine.round(now, [late(0, 3 * 86_400)])
    expect(openNow()).toEqual([[2 * 86_400 + 60, 'firing']])
  })
})
