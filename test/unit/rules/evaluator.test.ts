import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PartEvaluator } from '../../../electron/node/rules/evaluator/part-evaluator.ts'
import type { Transition } from '../../../electron/node/rules/evaluator/transition.ts'
import { ANNA, BERT, CARL, inShort, message, rule, run, START } from './run-rules.ts'

const every = (seconds: number, from: number, to: number, content: (at: number) => unknown, of = ANNA) =>
  Array.from({ length: Math.floor((to - from) / seconds) + 1 }, (_, n) =>
    message(from + n * seconds, content(from + n * seconds), { publisher: of }),
  )

describe('a threshold', () => {
  const hot = { kind: 'threshold', field: 'cpu', op: 'above', value: 90 }

  it('fires when a value is beyond it, and is resolved by one that is not', () => {
    const messages = [message(1, { cpu: 50 }), message(2, { cpu: 91 }), message(3, { cpu: 90 })]
    expect(run(rule(hot), messages, 10)).toEqual(['firing anna 2', 'resolved anna 3'])
  })

  it('clears only at the value to clear at', () => {
    const values = [91, 89, 81, 80]
    const messages = values.map((cpu, at) => message(at + 1, { cpu }))
    expect(run(rule({ ...hot, clear: 80 }), messages, 10)).toEqual(['firing anna 1', 'resolved anna 4'])
  })

  it('is pending for as long as it has to last, and forgotten when it does not', () => {
    const short = [message(1, { cpu: 95 }), message(4, { cpu: 10 })]
    expect(run(rule(hot, { forMs: 5_000 }), short, 20)).toEqual(['pending anna 1', 'dropped anna 4'])
    const long = [message(1, { cpu: 95 }), message(10, { cpu: 10 })]
    expect(run(rule(hot, { forMs: 5_000 }), long, 20)).toEqual([
      'pending anna 1',
      'firing anna 6',
      'resolved anna 10',
    ])
  })

  it('says nothing of values that are missing or no numbers, and of messages that are not verified', () => {
    const messages = [
      message(1, { cpu: '99' }),
      message(2, { load: 99 }),
      message(3, undefined),
      message(4, { cpu: 99 }, { verdict: 3 }),
      message(5, { cpu: 99 }, { verdict: 2 }),
    ]
    expect(run(rule(hot), messages, 10)).toEqual([])
  })

  it('tells publishers apart, and looks only at those it names', () => {
    const messages = [message(1, { cpu: 99 }), message(2, { cpu: 99 }, { publisher: BERT })]
    expect(run(rule(hot), messages, 10)).toEqual(['firing anna 1', 'firing bert 2'])
    expect(run(rule(hot, { publishers: [BERT] }), messages, 10)).toEqual(['firing bert 2'])
  })
})

describe('silence', () => {
  const quiet = { kind: 'silence', afterMs: 30_000 }

  it('fires at the time it was due, and is resolved by the next message', () => {
    const messages = [...every(10, 0, 60, () => ({})), message(200, {})]
    expect(run(rule(quiet), messages, 220)).toEqual(['firing anna 90', 'resolved anna 200'])
  })

  it('needs no other publisher to be noticed, only time', () => {
    expect(run(rule(quiet), [message(5, {})], 34)).toEqual([])
    expect(run(rule(quiet), [message(5, {})], 35)).toEqual(['firing anna 35'])
  })

  it('misses publishers that are named and were never heard', () => {
    expect(run(rule(quiet, { publishers: [CARL] }), [], 60)).toEqual(['firing carl 30'])
  })

  it('does not run while nobody watched', () => {
    const steps: Transition[] = []
    const evaluator = new PartEvaluator({
      rules: [rule(quiet)],
      from: START,
      emit: (step) => steps.push(step),
    })
    evaluator.judge([message(5, {})])
    evaluator.notWatched({ from: START + 10_000, to: START + 100_000 })
    evaluator.advance(START + 129_000)
    expect(steps).toEqual([])
    evaluator.advance(START + 130_000)
    expect(steps.map(inShort)).toEqual(['firing anna 130'])
  })

  it('is no silence when messages come too late to be judged', () => {
    const steps: Transition[] = []
    const evaluator = new PartEvaluator({
      rules: [rule(quiet)],
      from: START,
      emit: (step) => steps.push(step),
    })
    for (let at = 10; at <= 300; at += 10) {
      evaluator.advance(START + at * 1_000)
      evaluator.judgeLate([message(at - 60, {}, { aliveAt: START + at * 1_000 })])
    }
    expect(steps).toEqual([])
    evaluator.advance(START + 330_000)
    expect(steps.map(inShort)).toEqual(['firing anna 330'])
  })
})

describe('frequency', () => {
  it('judges whole windows of message time', () => {
    const messages = [...every(1, 1, 60, () => ({})), ...every(20, 80, 180, () => ({}))]
    const few = rule({ kind: 'frequency', windowMs: 60_000, min: 30 })
    expect(run(few, messages, 240)).toEqual(['firing anna 120'])
    const many = rule({ kind: 'frequency', windowMs: 60_000, max: 30 })
    expect(run(many, messages, 240)).toEqual(['firing anna 60', 'resolved anna 120'])
  })
})

describe('values compared with those before', () => {
  it('notices a change once, for as long as it is held', () => {
    const messages = [
      message(1, { v: 'a' }),
      message(2, { v: 'a' }),
      message(3, { v: 'b' }),
      message(4, { v: 'b' }),
    ]
    expect(run(rule({ kind: 'change', field: 'v', holdMs: 10_000 }), messages, 20)).toEqual([
      'firing anna 3',
      'resolved anna 13',
    ])
  })

  it('notices what does not move, as a chain that stands still', () => {
    const messages = every(10, 0, 100, (at) => ({ height: Math.min(at, 30) }))
    expect(run(rule({ kind: 'stuck', field: 'height', afterMs: 60_000 }), messages, 100)).toEqual([
      'firing anna 90',
    ])
  })

  it('notices a jump, and a counter that goes back', () => {
    const messages = [10, 12, 100, 101, 5].map((n, at) => message(at, { n }))
    expect(run(rule({ kind: 'jump', field: 'n', by: 50, holdMs: 1_000 }), messages, 9)).toEqual([
      'firing anna 2',
      'resolved anna 3',
      'firing anna 4',
      'resolved anna 5',
    ])
    expect(run(rule({ kind: 'counter', field: 'n', holdMs: 1_000 }), messages, 9)).toEqual([
      'firing anna 4',
      'resolved anna 5',
    ])
  })

  it('counts missed blocks within a window', () => {
    const missed = [0, 1, 1, 5, 9, 9, 9, 9, 9, 9, 9, 9]
    const messages = missed.map((n, at) => message(at * 10, { missed: n }))
    const steps = run(
      rule({ kind: 'missed-blocks', field: 'missed', max: 5, windowMs: 60_000 }),
      messages,
      120,
    )
    expect(steps).toEqual(['firing anna 40', 'resolved anna 90'])
  })
})

describe('lag behind the others', () => {
  it('is measured against the median of the fleet', () => {
    const of = (publisher: string, stopsAt: number) =>
      every(5, 0, 100, (at) => ({ height: Math.min(at, stopsAt) }), publisher)
    const messages = [...of(ANNA, 1_000), ...of(BERT, 40), ...of(CARL, 1_000)].sort(
      (a, b) => a.timestamp - b.timestamp,
    )
    expect(run(rule({ kind: 'lag', field: 'height', by: 20 }), messages, 100)).toEqual(['firing bert 70'])
  })

  it('is over, and does not begin, for one that says nothing any more: it is silent', () => {
    const DORA = `0x${'d'.repeat(40)}`
    const of = (publisher: string, height: (at: number) => number, until = 300) =>
      every(5, 0, until, (at) => ({ height: height(at) }), publisher)
    const messages = [
      ...of(ANNA, (at) => at),
      ...of(CARL, (at) => at),
      ...of(DORA, (at) => at),
      ...of(BERT, (at) => Math.min(at, 40), 120),
    ].sort((a, b) => a.timestamp - b.timestamp)
    const behind = (by: number) => run(rule({ kind: 'lag', field: 'height', by }), messages, 300)
    expect(behind(20)).toEqual(['firing bert 70', 'resolved bert 160'])
    expect(behind(150)).toEqual([])
  })

  it('counts the values of one that speaks seldom for as long as it usually pauses', () => {
    const of = (publisher: string, each: number) => every(each, 0, 2_400, (at) => ({ height: at }), publisher)
    const messages = [
      ...of(ANNA, 10),
      ...of(CARL, 10),
      ...every(600, 0, 2_400, () => ({ height: 0 }), BERT),
    ].sort((a, b) => a.timestamp - b.timestamp)
    const steps = run(rule({ kind: 'lag', field: 'height', by: 100 }), messages, 2_400)
    // Its pace is known from its second value on.
    expect(steps).toEqual(['firing bert 110', 'resolved bert 310', 'firing bert 600'])
  })
})

describe('schema, publishers and provenance', () => {
  it('judges content by a schema, as a state', () => {
    const schema = {
      type: 'object',
      required: ['cpu'],
      properties: { cpu: { type: 'number', maximum: 100 } },
    }
    const messages = [{ cpu: 5 }, { cpu: 500 }, {}, { cpu: 6 }, undefined].map((content, at) =>
      message(at, content),
    )
    expect(run(rule({ kind: 'schema', schema }), messages, 9)).toEqual([
      'firing anna 1',
      'resolved anna 3',
      'firing anna 4',
    ])
  })

  it('says nothing of content it cannot open', () => {
    const closed = message(1, undefined, { isClosed: true })
    expect(run(rule({ kind: 'schema', schema: false }), [closed], 9)).toEqual([])
  })

  it('notices a publisher who is not on the list', () => {
    const messages = [message(1, {}), message(2, {}, { publisher: BERT })]
    expect(run(rule({ kind: 'publishers', allowed: [ANNA], holdMs: 5_000 }), messages, 9)).toEqual([
      'firing bert 2',
      'resolved bert 7',
    ])
  })

  it('notices gaps, equivocation, and refused messages; the last speak for the part, as publishers are claims', () => {
    const all = rule({
      kind: 'provenance',
      faults: ['gap', 'equivocation', 'forged', 'unauthorised'],
      holdMs: 3_000,
    })
    const at = (seconds: number) => ({ timestamp: START + seconds * 1_000, sequence: 0 })
    const messages = [
      message(1, {}),
      message(2, {}, { previous: at(1) }),
      message(4, {}, { previous: at(3) }),
      message(10, {}, { publisher: BERT, equivocation: true }),
      message(20, {}, { publisher: CARL, verdict: 3 }),
      message(22, {}, { publisher: CARL, verdict: 2 }),
    ]
    expect(run(all, messages, 40)).toEqual([
      'firing anna 4',
      'resolved anna 7',
      'firing bert 10',
      'resolved bert 13',
      'firing part 20',
      'resolved part 25',
    ])
  })
})

describe('what comes late', () => {
  const hot = rule({ kind: 'threshold', field: 'cpu', op: 'above', value: 90 })
  const late = (rules: ReturnType<typeof rule> | ReturnType<typeof rule>[]) => {
    const steps: Transition[] = []
    const evaluator = new PartEvaluator({
      rules: [rules].flat(),
      from: START,
      emit: (step) => steps.push(step),
    })
    evaluator.judge([message(1, { cpu: 50 })])
    evaluator.advance(START + 100_000)
    return { evaluator, inShort: () => steps.map(inShort) }
  }

  it('is judged at its own time, in the order of its publisher, as often as it is looked at', () => {
    const { evaluator, inShort } = late(hot)
    const kept = [message(10, { cpu: 95 }), message(20, { cpu: 50 }), message(30, { cpu: 99 })]
    evaluator.judgeLate(kept)
    evaluator.judgeLate(kept)
    expect(inShort()).toEqual(['firing anna 10', 'resolved anna 20', 'firing anna 30'])
    evaluator.judge([message(101, { cpu: 50 })])
    expect(inShort().at(-1)).toBe('resolved anna 101')
  })

  it('is not judged behind newer values of the same field, whatever chain it is of', () => {
    const { evaluator, inShort } = late(hot)
    evaluator.judge([message(110, { cpu: 50 })])
    evaluator.judgeLate([message(105, { cpu: 99 }), message(106, { cpu: 99 }, { chain: 'other' })])
    evaluator.judgeLate([message(107, { load: 1 }, { chain: 'other' })])
    expect(inShort()).toEqual([])
  })

  it('fires and ends between late messages as it would have in time', () => {
    const { evaluator, inShort } = late(rule(hot.condition, { forMs: 5_000 }))
    evaluator.judgeLate([
      message(10, { cpu: 95 }),
      message(13, { cpu: 50 }),
      message(20, { cpu: 95 }),
      message(40, { cpu: 50 }),
      message(60, { cpu: 95 }),
    ])
    evaluator.advance(START + 102_000)
    expect(inShort()).toEqual([
      'pending anna 10',
      'dropped anna 13',
      'pending anna 20',
      'firing anna 25',
      'resolved anna 40',
      'pending anna 60',
      'firing anna 65',
    ])
  })

  it('is no sign of life where another node had it, nor one later than it was received', () => {
    const quiet = rule({ kind: 'silence', afterMs: 30_000 })
    const { evaluator, inShort } = late(quiet)
    evaluator.judgeLate([message(20, {})])
    evaluator.judgeLate([message(25, {}, { aliveAt: START + 28_000 })])
    evaluator.advance(START + 110_000)
    expect(inShort()).toEqual(['firing anna 31'])
    evaluator.judgeLate([message(29, {}, { aliveAt: START + 112_000 })])
    evaluator.advance(START + 120_000)
    expect(inShort()).toEqual(['firing anna 31', 'resolved anna 112'])
  })

  it('counts in windows that are open, and in no closed one', () => {
    const few = rule({ kind: 'frequency', windowMs: 60_000, min: 3 })
    const { evaluator, inShort } = late(few)
    evaluator.judgeLate([message(30, {}), message(70, {}), message(80, {}), message(90, {})])
    evaluator.advance(START + 200_000)
    expect(inShort()).toEqual(['firing anna 180'])
  })

  it('counts at the time it was received where it is forged, whatever time it claims', () => {
    const forged = rule({ kind: 'provenance', faults: ['forged'], holdMs: 10_000 })
    const { evaluator, inShort } = late(forged)
    evaluator.refusedLate('unauthorised', START + 103_000)
    evaluator.refusedLate('forged', START + 103_000)
    evaluator.advance(START + 120_000)
    expect(inShort()).toEqual(['firing part 103', 'resolved part 113'])
  })
})

describe('many rules at once', () => {
  const path = fc.constantFrom('cpu', 'load')
  const bound = fc.integer({ min: -3, max: 3 })
  const condition = fc.oneof(
    fc.record({ kind: fc.constant('threshold'), field: path, op: fc.constant('above'), value: bound }),
    fc.record({ kind: fc.constant('threshold'), field: path, op: fc.constant('below'), value: bound }),
    fc
      .record({ field: path, value: bound, back: fc.integer({ min: 0, max: 2 }), isAbove: fc.boolean() })
      .map(({ field, value, back, isAbove }) => ({
        ...{ kind: 'threshold', field, value, op: isAbove ? 'above' : 'below' },
        clear: isAbove ? value - back : value + back,
      })),
    fc.record({ kind: fc.constant('jump'), field: path, by: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('change'), field: path }),
    fc.record({ kind: fc.constant('silence'), afterMs: fc.constantFrom(2_000, 9_000) }),
  )
  const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(undefined, null, 'text', true))
  const messages = fc
    .array(
      fc.record({
        pause: fc.integer({ min: 0, max: 5 }),
        who: fc.constantFrom(ANNA, BERT),
        cpu: value,
        load: value,
      }),
      {
        maxLength: 20,
      },
    )
    .map((made) => {
      let seconds = 0
      return made.map(({ pause, who, ...content }) => {
        seconds += pause
        return message(seconds, content, { publisher: who })
      })
    })

  it('say what each of them says alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(condition, fc.constantFrom(0, 3_000), fc.boolean()), {
          minLength: 1,
          maxLength: 6,
        }),
        messages,
        (made, given) => {
          const rules = made.map(([one, forMs, isForAnna], n) =>
            rule(one, { id: `r${n}`, forMs, ...(isForAnna ? { publishers: [ANNA] } : {}) }),
          )
          const stepsOf = (judged: typeof rules) => {
            const steps: Transition[] = []
            const evaluator = new PartEvaluator({
              rules: judged,
              from: START,
              emit: (step) => steps.push(step),
            })
            evaluator.judge(given)
            evaluator.advance(START + 200_000)
            return steps
          }
          const sorted = (steps: Transition[]) => steps.map((step) => JSON.stringify(step)).sort()
          const together = stepsOf(rules)
          for (const one of rules) {
            expect(sorted(together.filter((step) => step.rule === one.id))).toEqual(sorted(stepsOf([one])))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
