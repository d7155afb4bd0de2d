import { setImmediate as breathe } from 'node:timers/promises'
import type { PreviewReport } from '../../../../shared/rules/preview.ts'
import type { Rule } from '../../../../shared/rules/rule.ts'
import { PartEvaluator } from '../evaluator/part-evaluator.ts'
import type { Transition } from '../evaluator/transition.ts'
import { MAX_PREVIEW_ALERTS, MAX_PREVIEW_MESSAGES, MAX_PREVIEW_MS, PAGE_MESSAGES } from '../limits.ts'
import type { RuleSource } from '../ports.ts'

export interface PreviewRequest {
  rule: Rule
  /** Message time, ms. */
  from: number
  to: number
}

/**
 * What a rule would have done over stored messages: the same evaluator as live, as if every message had come in time.
 * Reports after every page; the last report is the result.
 */
export async function* previewRule(
  source: RuleSource,
  { rule, from, to }: PreviewRequest,
): AsyncGenerator<PreviewReport, void, void> {
  const tally = new PreviewTally()
  const evaluator = new PartEvaluator({
    rules: [{ ...rule, enabled: true }],
    from: from - 1,
    emit: (step) => tally.take(step),
  })
  const deadline = performance.now() + MAX_PREVIEW_MS
  let messages = 0
  const read = { part: rule.part, from, to, limit: PAGE_MESSAGES, ...evaluator.needs }
  let page = source.read({ ...read, cursor: null })
  for (;;) {
    evaluator.judge(page.messages)
    messages += page.messages.length
    const isCut = messages >= MAX_PREVIEW_MESSAGES || performance.now() > deadline
    if (page.next === null || isCut) {
      if (page.next === null) evaluator.advance(to)
      yield { ...tally.report(), messages, upTo: evaluator.position, isDone: true, isCut: page.next !== null }
      return
    }
    yield { ...tally.report(), messages, upTo: evaluator.position, isDone: false, isCut: false }
    await breathe()
    page = source.read({ ...read, cursor: page.next })
  }
}

class PreviewTally {
  readonly #alerts = new Map<string, PreviewReport['alerts'][number]>()
  #fired = 0
  #firing = 0

  take({ alert, to, at, since, publisher, sentence }: Transition): void {
    if (to === 'firing') {
      this.#fired += 1
      this.#firing += 1
      if (this.#alerts.size < MAX_PREVIEW_ALERTS) {
        this.#alerts.set(alert, { publisher, since, firedAt: at, resolvedAt: null, sentence })
      }
    } else if (to === 'resolved') {
      this.#firing -= 1
      const known = this.#alerts.get(alert)
      if (known !== undefined) known.resolvedAt = at
    }
  }

  report(): Pick<PreviewReport, 'fired' | 'stillFiring' | 'alerts'> {
    return { fired: this.#fired, stillFiring: this.#firing, alerts: [...this.#alerts.values()] }
  }
}
