import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VerifiedMessage } from '../../electron/node/ports.ts'
import type { LateStretch } from '../../electron/node/rules/engine/late-stretches.ts'
import { previewRule } from '../../electron/node/rules/engine/preview.ts'
import { RuleEngine } from '../../electron/node/rules/engine/rule-engine.ts'
import { AlertTable } from '../../electron/node/rules/file/alert-table.ts'
import { ALERT_MIGRATIONS } from '../../electron/node/rules/file/migrations.ts'
import { SavedState } from '../../electron/node/rules/file/saved-state.ts'
import { LATENESS_MS } from '../../electron/node/rules/limits.ts'
import type { RuleSource } from '../../electron/node/rules/ports.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { openStoredRuleSource } from '../../electron/node/stored-rule-source.ts'
import type { AlertView } from '../../shared/rules/alert.ts'
import { type Rule, ruleSchema } from '../../shared/rules/rule.ts'
import { Random } from '../fuzz/random.ts'
import { recordingLogger, temporaryFolder } from '../unit/store/store-folder.ts'
import { EPOCH, syntheticMessage } from '../unit/store/synthetic-messages.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const INTERVAL = 4 * MINUTE
const WEEK = 7 * 24 * HOUR
/** An hour with nobody, so that everybody is missed. */
const END = EPOCH + WEEK + HOUR
const FLEET = [1, 2, 3, 4]

/** A stream whose messages take below five seconds, in any order; and one whose publishers keep back what they measured. */
const ON_TIME = '0xabc/on-time'
const KEPT_BACK = '0xabc/kept-back'

const rulesOf = (streamId: string): Rule[] => {
  const rule = (id: string, condition: object, more: object = {}) =>
    ruleSchema.parse({
      id: `${id}-${streamId.slice(6)}`,
      name: id,
      part: `${streamId}#0`,
      condition,
      ...more,
    })
  return [
    rule('hot', { kind: 'threshold', field: 'cpu', op: 'above', value: 90, clear: 70 }),
    rule('changed', { kind: 'change', field: 'version', holdMs: HOUR }),
    rule('stuck', { kind: 'stuck', field: 'height', afterMs: 20 * MINUTE }),
    rule('jumped', { kind: 'jump', field: 'cpu', by: 60, holdMs: 30 * MINUTE }),
    rule('reset', { kind: 'counter', field: 'missed', holdMs: HOUR }),
    rule('missing', { kind: 'missed-blocks', field: 'missed', max: 4, windowMs: HOUR }),
    rule('shape', { kind: 'schema', schema: { properties: { cpu: { type: 'number' } } } }),
    rule('hot-long', { kind: 'threshold', field: 'cpu', op: 'above', value: 85 }, { forMs: 6 * MINUTE }),
    rule('silent', { kind: 'silence', afterMs: 20 * MINUTE }),
    rule('few', { kind: 'frequency', windowMs: HOUR, min: 11 }),
    rule('behind', { kind: 'lag', field: 'height', by: 100 }),
    rule('gap', { kind: 'provenance', faults: ['gap', 'unauthorised'], holdMs: HOUR }),
  ]
}
/** What is judged of one publisher alone and at once: the same however late it comes. */
const OF_ONE_PUBLISHER = 7

interface Recorded {
  message: VerifiedMessage
  arrivedAt: number
}

/** From 0 to below 1. */
const fractions = (seed: number): (() => number) => {
  const random = new Random(seed)
  return () => random.word() / 2 ** 32
}

/** What one publisher measured in a week: hot spells, standstills, restarts, outages, and delays of its own. */
function recordedWeek(streamId: string, publisher: number): Recorded[] {
  const random = fractions(publisher * 7_919 + streamId.length)
  const chance = (of: number): boolean => random() < of
  const recorded: Recorded[] = []
  let [height, missed, version, offUntil, keptUntil, heldUntil, hotUntil] = [0, 0, 1, 0, 0, 0, 0]
  let previous: { timestamp: number; sequence: number } | undefined
  for (let at = publisher * 1_234; at < WEEK; at += INTERVAL) {
    if (chance(0.002)) offUntil = at + random() * HOUR
    if (streamId === KEPT_BACK && chance(0.003)) keptUntil = at + random() * 2 * HOUR
    if (chance(0.003)) heldUntil = at + random() * HOUR
    if (chance(0.006)) hotUntil = at + random() * 20 * MINUTE
    if (chance(0.002)) version += 1
    if (at < offUntil) continue
    if (at >= heldUntil) height = Math.floor(at / (6 * SECOND))
    missed = chance(0.002) ? 0 : missed + (chance(0.1) ? 1 : 0)
    const cpu = at < hotUntil ? 80 + random() * 20 : random() * 60
    const content = { height, missed, version: `v${version}`, cpu: chance(0.002) ? 'hot' : cpu }
    const arrivedAt = EPOCH + Math.ceil(Math.max(at + random() * 4 * SECOND, keptUntil))
    const verdict = chance(0.001) ? 'unauthorised' : 'verified'
    const timestamp = EPOCH + at
    const isLost = chance(0.002)
    if (!isLost) {
      const shape = { streamId, publisher, at, content, previous, receivedAt: arrivedAt }
      recorded.push({ message: syntheticMessage({ ...shape, verdict }), arrivedAt })
    }
    previous = { timestamp, sequence: 0 }
  }
  return recorded
}

/** What comes of it when it is watched as it arrives, at a pace that may vary. */
async function watch(
  recorded: readonly Recorded[],
  stored: RuleSource,
  rules: readonly Rule[],
  paceMs: () => number,
): Promise<AlertView[]> {
  const db = new Sqlite(':memory:')
  for (const migration of ALERT_MIGRATIONS) db.exec(migration)
  const alerts = new AlertTable(db)
  let now = EPOCH
  const times = Float64Array.from(recorded, ({ message }) => message.id.timestamp).sort()
  /** Most rounds of a week find nothing: the store is not asked then. */
  const mayHold = ({ from, to }: { from: number; to: number }): boolean => {
    let [low, high] = [0, times.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((times[middle] as number) < from) low = middle + 1
      else high = middle
    }
    return low < times.length && (times[low] as number) <= to
  }
  const engine = new RuleEngine({
    state: new SavedState(db),
    // What has not arrived yet is not there.
    source: {
      ...stored,
      read: (read) => {
        if (!mayHold(read)) return { messages: [], next: null }
        const page = stored.read(read)
        return { ...page, messages: page.messages.filter(({ aliveAt }) => aliveAt <= now) }
      },
    },
    record: (steps, also) => {
      db.transaction(() => {
        for (const { step, rule } of steps) alerts.apply(step, rule, now)
        also()
      })()
    },
    onForgotten: (part) => alerts.endPart(part, now),
  })
  engine.open(now)
  engine.setRules(rules, now)
  for (let next = 0; now < END; ) {
    now = Math.min(now + paceMs(), END)
    const positions = engine.positions()
    const late: LateStretch[] = []
    for (; (recorded[next]?.arrivedAt ?? Number.POSITIVE_INFINITY) <= now; next++) {
      const { id, verdict, receivedAt } = (recorded[next] as Recorded).message
      const part = `${id.streamId}#${id.partition}`
      if (id.timestamp > (positions[part] ?? 0)) continue
      const { timestamp } = id
      const unauthorised = verdict !== 'verified'
      late.push({ part, from: timestamp, to: timestamp, receivedAt, forged: false, unauthorised })
    }
    await engine.round(now, late)
  }
  const found = (['open', 'resolved'] as const).flatMap((state) => alerts.list({ state, limit: 5_000 }, now))
  db.close()
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

const essence = ({ publisher, since, firedAt, resolvedAt, sentence }: Omit<AlertView, 'id'>) => ({
  publisher,
  since,
  firedAt,
  resolvedAt,
  sentence,
})

describe('a week of recorded telemetry, some of it late and much of it out of order', () => {
  const folder = temporaryFolder()
  const file = `${folder.path}/tidemark.sqlite`
  const rules = [...rulesOf(ON_TIME), ...rulesOf(KEPT_BACK)]
  let store: SqliteStore
  let source: RuleSource
  let recorded: Recorded[]
  let live: AlertView[]

  beforeAll(async () => {
    recorded = [ON_TIME, KEPT_BACK].flatMap((stream) => FLEET.flatMap((one) => recordedWeek(stream, one)))
    recorded.sort((a, b) => a.arrivedAt - b.arrivedAt)
    store = await openSqliteStore({ file, logger: recordingLogger(), clock: { now: () => EPOCH + 2 * WEEK } })
    for (let at = 0; at < recorded.length; at += 4_000) {
      await store.append(recorded.slice(at, at + 4_000).map(({ message }) => message))
    }
    source = openStoredRuleSource({ engine: 'sqlite', file })
    live = await watch(recorded, source, rules, () => 14 * SECOND)
  }, 300_000)
  afterAll(async () => {
    source.close()
    await store.close()
    folder.remove()
  })

  it('has something of every rule in it', () => {
    expect(recorded.some(({ message, arrivedAt }) => arrivedAt - message.id.timestamp > HOUR)).toBe(true)
    const fired = new Set(live.map(({ ruleId }) => ruleId))
    expect([...fired].sort()).toEqual(rules.map(({ id }) => id).sort())
  })

  it('gives the same alerts when it is replayed as it arrived, at another pace', async () => {
    const random = fractions(11)
    const again = await watch(recorded, source, rules, () => Math.round((6 + random() * 8) * SECOND))
    // Who is compared with the others late is compared with what they had said by then: that hangs on when one looked.
    const isComparable = ({ ruleId }: AlertView) => ruleId !== `behind-${KEPT_BACK.slice(6)}`
    expect(again.filter(isComparable)).toEqual(live.filter(isComparable))
  })

  const previewOf = async (rule: Rule) => {
    const request = { rule, from: EPOCH - LATENESS_MS + 1, to: END - LATENESS_MS }
    let fired = 0
    let alerts: unknown[] = []
    for await (const report of previewRule(source, request)) {
      fired = report.fired
      alerts = report.alerts
    }
    return { fired, alerts }
  }
  const byTime = (a: { since: number; publisher: string | null }, b: typeof a) =>
    a.since - b.since || String(a.publisher).localeCompare(String(b.publisher))

  it.each(
    [...rulesOf(ON_TIME), ...rulesOf(KEPT_BACK).slice(0, OF_ONE_PUBLISHER)].map((rule) => [rule.id, rule]),
  )('gives the same alerts in a preview over what is stored: %s', async (id, rule) => {
    const { fired, alerts } = await previewOf(rule as Rule)
    const expected = live.filter(({ ruleId, firedAt }) => ruleId === id && firedAt !== null)
    expect(fired).toBe(expected.length)
    const first = expected.map(essence).sort(byTime).slice(0, alerts.length)
    expect([...alerts].sort(byTime as never).slice(0, 100)).toEqual(first.slice(0, 100))
  })
})
