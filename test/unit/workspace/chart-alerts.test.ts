import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AlertsByPart,
  alertStretch,
  createPanelAlerts,
  toChartAlert,
} from '../../../renderer/features/workspace/chart-alerts.ts'
import { paintAlertMarks, paintAlertTint } from '../../../renderer/ui/chart/alert-painter.ts'
import {
  alertFlags,
  alertSpans,
  type DrawnAlert,
  FLAG_MERGE_PX,
  flagAt,
  flagCount,
  flagExtent,
} from '../../../renderer/ui/chart/alert-stretches.ts'
import { createSvgBrush } from '../../../renderer/ui/chart/svg-brush.ts'
import { createExternalStore } from '../../../renderer/ui/external-store.ts'
import { DARK } from '../../../renderer/ui/tokens.ts'
import { SEVERITIES } from '../../../shared/rules/rule.ts'

const drawn: fc.Arbitrary<DrawnAlert> = fc
  .record({
    from: fc.nat(1_000),
    lasts: fc.oneof(fc.nat(300), fc.constant(Number.POSITIVE_INFINITY)),
    severity: fc.constantFrom(...SEVERITIES),
  })
  .map(({ from, lasts, severity }) => ({ from, to: from + lasts, severity }))
const many = fc.array(drawn, { maxLength: 60 })

describe('the stretches in which something fires', () => {
  it('say at each moment the worst of what fires then, do not overlap, and follow each other', () => {
    fc.assert(
      fc.property(many, (alerts) => {
        const spans = alertSpans(alerts)
        for (const [index, span] of spans.entries()) {
          expect(span.to).toBeGreaterThanOrEqual(span.from)
          expect(span.from).toBeGreaterThanOrEqual(spans[index - 1]?.to ?? 0)
        }
        for (let at = 0.5; at < 1_400; at += 1) {
          const firing = alerts.filter(({ from, to }) => from < at && at < to)
          const worst = SEVERITIES.findLast((severity) => firing.some((alert) => alert.severity === severity))
          expect(spans.find(({ from, to }) => from < at && at < to)?.severity).toBe(worst)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keep what was over at once, where it was', () => {
    expect(alertSpans([{ from: 5, to: 5, severity: 'info' }])).toEqual([{ from: 5, to: 5, severity: 'info' }])
  })
})

describe('the marks of alerts', () => {
  it('lose none, stand apart, and say the worst of what they stand for', () => {
    fc.assert(
      fc.property(many, fc.double({ min: 0.01, max: 100, noNaN: true }), (alerts, pxPerMs) => {
        const flags = alertFlags(alerts, pxPerMs)
        expect(flags.flatMap((flag) => flag.alerts)).toHaveLength(alerts.length)
        for (const [index, flag] of flags.entries()) {
          const before = flags[index - 1]
          if (before !== undefined)
            expect((flag.at - before.at) * pxPerMs).toBeGreaterThanOrEqual(FLAG_MERGE_PX)
          expect(flag.at).toBe(Math.min(...flag.alerts.map(({ from }) => from)))
          const ranks = flag.alerts.map(({ severity }) => SEVERITIES.indexOf(severity))
          expect(SEVERITIES.indexOf(flag.severity)).toBe(Math.max(...ranks))
        }
      }),
    )
  })

  it('are told by number, and no wider than the room between two of them', () => {
    const alike = (count: number) => ({ alerts: Array.from({ length: count }, () => a(0)) })
    expect([1, 2, 99, 100].map((count) => flagCount(alike(count)))).toEqual(['', '2', '99', '99+'])
    const { left, right } = flagExtent(alike(1_000))
    expect(left + right).toBeLessThanOrEqual(FLAG_MERGE_PX)
  })

  it('are found where they are drawn, and nowhere else', () => {
    const frame = { from: 100, alerts: [a(110), a(300), a(301)] }
    const found = (x: number, y: number) => flagAt(frame, 1, { x, y })?.alerts.length
    expect(found(10, 5)).toBe(1)
    expect(found(10, 40)).toBeUndefined()
    expect(found(100, 5)).toBeUndefined()
    // Its number lies beside its sign.
    expect(found(212, 5)).toBe(2)
    expect(found(240, 5)).toBeUndefined()
  })
})

function a(from: number, more: Partial<DrawnAlert> = {}): DrawnAlert {
  return { from, to: from + 10, severity: 'warning', ...more }
}

function paint(alerts: readonly DrawnAlert[]): string {
  const brush = createSvgBrush(200, 100, DARK.panel)
  const geometry = { x: (at: number) => at, left: 0, right: 200, top: 0, tintTop: 8, bottom: 80 }
  const spans = alertSpans(alerts)
  paintAlertTint(brush, spans, geometry, DARK)
  paintAlertMarks(brush, { spans, flags: alertFlags(alerts, 1) }, geometry, DARK)
  return brush.toText()
}

describe('alerts in a picture', () => {
  it('tint their stretch, and differ by more than a colour', () => {
    const pictures = SEVERITIES.map((severity) => paint([a(50, { to: 120, severity })]))
    for (const picture of pictures) expect(picture).toContain('M50 8h70v72h-70Z')
    // Each has another line and another sign.
    expect(pictures.map((picture) => /stroke-dasharray="([^"]+)"/.exec(picture)?.[1])).toEqual([
      '1.5 3.5',
      '6 3',
      undefined,
    ])
    const withoutInk = pictures.map((picture) => picture.replaceAll(/#[0-9A-F]{6}|opacity="[^"]+"/g, ''))
    expect(new Set(withoutInk).size).toBe(3)
  })

  it('run to the edge while they fire, and are not drawn out of sight', () => {
    expect(paint([a(150, { to: Number.POSITIVE_INFINITY })])).toContain('M150 8h50v72h-50Z')
    expect(paint([a(300), a(-50)])).toBe(paint([]))
  })

  it('that begin together are one mark with a number', () => {
    expect(paint([a(50), a(52), a(54)])).toMatch(/<text[^>]*>3<\/text>/)
    expect(paint([a(50)])).not.toContain('<text')
  })
})

const PART = 'telemetry#0'
const mark = (id: string, publisher: string | null, to: number | null = 20) =>
  toChartAlert({ id, rule: 'Silent', severity: 'warning', publisher, from: 10, to }, PART)
const live = { mode: 'live', from: 0, to: 100 } as const

describe('the alerts of a panel', () => {
  it('are those about what it draws, and the same list as long as nothing changes', () => {
    const own = [mark('a', null), mark('b', '0x01'), mark('c', '0x02')]
    const other = [{ ...mark('d', null), part: 'other#0' }]
    const store = createExternalStore<AlertsByPart>(
      new Map([
        [PART, own],
        ['other#0', other],
      ]),
    )
    const read = (...sources: { part: string; publisher: string | null }[]) => {
      const alerts = createPanelAlerts(sources, store)
      const first = alerts.read(live)
      expect(alerts.read({ ...live, from: 5, to: 105 })).toBe(first)
      return first.map(({ id }) => id)
    }
    expect(read({ part: PART, publisher: null })).toEqual(['a', 'b', 'c'])
    expect(read({ part: PART, publisher: '0x02' })).toEqual(['a', 'c'])
    expect(read({ part: PART, publisher: '0x01' }, { part: 'other#0', publisher: null })).toEqual([
      'a',
      'b',
      'd',
    ])
    expect(read()).toEqual([])
  })

  it('run on with live time, and end at the present in a window that reaches beyond it', () => {
    const store = createExternalStore<AlertsByPart>(new Map([[PART, [mark('a', null, null)]]]))
    const alerts = createPanelAlerts([{ part: PART, publisher: null }], store, () => 60)
    const endOf = (moment: Parameters<typeof alerts.read>[0]) => alerts.read(moment)[0]?.to
    expect(endOf(live)).toBe(Number.POSITIVE_INFINITY)
    expect(endOf({ mode: 'paused', from: 0, to: 50 })).toBe(Number.POSITIVE_INFINITY)
    expect(endOf({ mode: 'paused', from: 0, to: 200 })).toBe(60)
    store.set(new Map([[PART, [mark('a', null, 40)]]]))
    expect(endOf({ mode: 'paused', from: 0, to: 200 })).toBe(40)
  })

  it('are asked for a stretch that holds the window with a window on each side, and changes seldom', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 100, max: 1e9 }), (from, span) => {
        const window = { from: from + 1e10, to: from + 1e10 + span }
        const stretch = alertStretch(window)
        expect(stretch.from).toBeLessThanOrEqual(window.from - span)
        expect(stretch.to).toBeGreaterThanOrEqual(window.to + span)
        expect(stretch.to - stretch.from).toBeLessThanOrEqual(span * 10)
      }),
    )
    const asked = new Set<string>()
    for (let at = 0; at < 100; at += 1)
      asked.add(JSON.stringify(alertStretch({ from: 1e12 + at * 1_000, to: 1e12 + at * 1_000 + 300_000 })))
    expect(asked.size).toBeLessThanOrEqual(3)
  })
})
