import { TidemarkError } from '../../../../shared/errors.ts'
import type { AlertCounts, AlertMark, AlertView, SilenceView } from '../../../../shared/rules/alert.ts'
import type { DeliveryView } from '../../../../shared/rules/channel.ts'
import type { PreviewReport } from '../../../../shared/rules/preview.ts'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { compileRule } from '../evaluator/compiled-rule.ts'
import { openAlertFile } from '../file/alert-file.ts'
import { type AlertListQuery, AlertTable } from '../file/alert-table.ts'
import { type ChannelRecord, ChannelTable } from '../file/channel-table.ts'
import { type ChannelDeliveries, DeliveryTable, type DueDelivery } from '../file/delivery-table.ts'
import { Notifier } from '../file/notifier.ts'
import { SavedState } from '../file/saved-state.ts'
import { type NewSilence, SilenceTable } from '../file/silence-table.ts'
import { MAX_PREVIEWS } from '../limits.ts'
import type { RuleSource } from '../ports.ts'
import type { LateStretch } from './late-stretches.ts'
import { type PreviewRequest, previewRule } from './preview.ts'
import { RuleEngine } from './rule-engine.ts'

export interface RoundReport {
  counts: AlertCounts
  /** Something about alerts is other than before the round. */
  hasChanged: boolean
  /** Message time up to which each part is judged, ms. */
  positions: Record<string, number>
  /** Publishers and conditions beyond the bounds of what rules remember. */
  beyondBounds: { publishers: number; alerts: number }
  judged: number
}

/** What the thread that judges does when it is called. */
export type RuleMethods = ReturnType<typeof createRuleMethods>

/** Values each schema is tried on before it is taken, so that one that cannot be interpreted is refused at once. */
const SAMPLES: readonly unknown[] = [{ a: 1 }, [1, 'a'], 1, 'a', true, null]

export function createRuleMethods({ file, source }: { file: string; source: RuleSource }) {
  const db = openAlertFile(file)
  const alerts = new AlertTable(db)
  const silences = new SilenceTable(db)
  const state = new SavedState(db)
  const channels = new ChannelTable(db)
  const deliveries = new DeliveryTable(db)
  const notifier = new Notifier(db, deliveries)
  let hasChanged = false
  let now = Date.now()
  let isOpen = false
  const engine = new RuleEngine({
    state,
    source,
    record: (steps, also) => {
      db.transaction(() => {
        for (const { step, rule } of steps) if (alerts.apply(step, rule, now)) hasChanged = true
        also()
      }).immediate()
    },
    onForgotten: (part) => alerts.endPart(part, now),
  })
  const inTurn = createTurns()
  const previews = new Map<number, AsyncGenerator<PreviewReport, void, void>>()
  let lastPreview = 0

  return {
    /** Takes over what is kept. Answers when the file is open. */
    open: (at: number): AlertCounts => {
      now = at
      engine.open(at)
      isOpen = true
      alerts.prune(at)
      return alerts.counts()
    },

    round: (at: number, late: readonly LateStretch[]): Promise<RoundReport> =>
      inTurn(async () => {
        // A thread that was started again after a failure.
        if (!isOpen)
          throw new TidemarkError('not-running', 'Rules are not open yet.', 'They are opened at once.')
        now = at
        await engine.round(at, late)
        const byId = new Map(engine.rules.map((rule) => [rule.id, rule]))
        if (db.transaction(() => notifier.queue(byId, at)).immediate()) hasChanged = true
        const report = {
          counts: alerts.counts(),
          hasChanged,
          positions: engine.positions(),
          beyondBounds: engine.beyondBounds(),
          judged: engine.judged,
        }
        hasChanged = false
        return report
      }),

    rules: (): readonly Rule[] => engine.rules,

    /** @throws TidemarkError `invalid-input` when a schema cannot be interpreted */
    setRules: (rules: readonly Rule[], at: number): Promise<void> =>
      inTurn(async () => {
        for (const rule of rules) assertInterpretable(rule)
        now = at
        db.transaction(() => {
          state.setRules(rules)
          alerts.followRules(rules, at)
        }).immediate()
        engine.setRules(rules, at)
        hasChanged = true
      }),

    alerts: (query: AlertListQuery, at: number): AlertView[] => alerts.list(query, at),
    alert: (id: string, at: number): AlertView | null => alerts.one(id, at),
    marks: (part: string, from: number, to: number): AlertMark[] => alerts.marks(part, from, to),
    acknowledge: (ids: readonly string[], isIt: boolean, at: number): number => {
      hasChanged = true
      return alerts.acknowledge(ids, isIt, at)
    },
    silences: (at: number): SilenceView[] => silences.list(at),
    addSilence: (silence: NewSilence, at: number): void => {
      silences.add(silence, at)
      hasChanged = true
    },
    endSilence: (id: number, at: number): void => {
      silences.end(id, at)
      hasChanged = true
    },

    channels: (): ChannelRecord[] => channels.all(),
    putChannel: (channel: ChannelRecord): void => channels.put(channel),
    removeChannel: (name: string): void => channels.remove(name),
    channelDeliveries: (names: readonly string[]): ChannelDeliveries[] =>
      names.map((name) => deliveries.ofChannel(name)),
    deliveries: (): DeliveryView[] => deliveries.newest(),
    dueDeliveries: (at: number): DueDelivery[] => deliveries.due(at),
    settleDelivery: (id: number, problem: string | null, at: number): void =>
      deliveries.settle(id, problem, at),

    /** Begins a preview; its reports are fetched one by one, so it goes no further than somebody wants it. */
    beginPreview: (request: PreviewRequest): number => {
      assertInterpretable(request.rule)
      if (previews.size >= MAX_PREVIEWS) {
        throw new TidemarkError(
          'invalid-input',
          'Other previews are being made.',
          'Wait until they are done.',
        )
      }
      lastPreview += 1
      previews.set(lastPreview, previewRule(source, request))
      return lastPreview
    },
    nextPreview: async (id: number): Promise<PreviewReport | null> => {
      const report = await previews.get(id)?.next()
      if (report?.done === false && !report.value.isDone) return report.value
      previews.delete(id)
      return report?.done === false ? report.value : null
    },
    endPreview: (id: number): void => {
      previews.delete(id)
    },

    close: (at: number): Promise<void> =>
      inTurn(async () => {
        now = at
        engine.checkpoint(at)
        alerts.prune(at)
        db.close()
        source.close()
      }),
  }
}

/** Lets what changes the rules or goes through them happen one after the other. */
function createTurns(): <Value>(task: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const turn = last.then(task)
    last = turn.catch(() => undefined)
    return turn
  }
}

function assertInterpretable(rule: Rule): void {
  try {
    const { schema } = compileRule(rule, 0, () => 0)
    for (const sample of SAMPLES) schema?.problemOf(sample)
  } catch (error) {
    throw new TidemarkError(
      'invalid-input',
      `The schema of “${rule.name}” cannot be interpreted: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}.`,
      'Correct the schema; it has to be one of draft 2020-12.',
    )
  }
}
