import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DrawnLine } from '../../../renderer/ui/chart/frame.ts'
import { hideCutLabels } from '../../../renderer/ui/chart/label-covers.ts'
import { packLine, unpackLine } from '../../../renderer/ui/chart/packed-line.ts'
import { createPaintDesk, type PaintThreadEvents } from '../../../renderer/ui/chart/paint-desk.ts'
import type { PainterRequest, PaintJob } from '../../../renderer/ui/chart/paint-job.ts'
import { DARK } from '../../../renderer/ui/tokens.ts'
import { VERDICTS } from '../../../shared/verdict.ts'

const number = fc.double()
const line: fc.Arbitrary<DrawnLine> = fc.record({
  colour: fc.nat(9),
  intervalMs: fc.nat(),
  levelMs: fc.nat(),
  origin: fc.constantFrom('measured', 'derived', 'estimated'),
  shiftMs: fc.nat(),
  buckets: fc.array(
    fc.record({
      from: fc.nat(),
      to: fc.nat(),
      count: fc.nat(),
      first: number,
      min: number,
      max: number,
      last: number,
      sum: number,
      worst: fc.constantFrom(...VERDICTS),
      gapBefore: fc.boolean(),
    }),
    { maxLength: 50 },
  ),
})

describe('a line that changes threads', () => {
  it('arrives as it was, with every number, verdict and gap', () => {
    fc.assert(
      fc.property(line, (value) => {
        expect(unpackLine(packLine(value))).toEqual(value)
      }),
    )
  })
})

const job: Omit<PaintJob, 'seat'> = {
  kind: 'line',
  widthPx: 100,
  heightPx: 50,
  density: 1,
  area: { left: 0, top: 0, width: 100, height: 50 },
  from: 0,
  to: 1_000,
  scale: { min: 0, max: 1, step: 0.5 },
  zone: 'utc',
  tokens: DARK,
  data: null,
}

describe('panels that share a painter', () => {
  function desk() {
    const sent: PainterRequest[] = []
    let events: PaintThreadEvents | null = null
    const made = createPaintDesk((given) => {
      events = given
      return { send: (request) => void sent.push(request) }
    })
    return { desk: made, sent, events: () => events as PaintThreadEvents | null }
  }
  const nothing = { bitmap: null, labels: [] }

  it('are each given their own picture, and are free for the next one then', () => {
    const { desk: made, sent, events } = desk()
    const shown: string[] = []
    const seats = ['a', 'b'].map((name) =>
      made.take({ onPainted: () => void shown.push(name), onLost: () => undefined }),
    )
    for (const seat of seats) seat.paint(job)
    expect(seats.map((seat) => seat.isBusy())).toEqual([true, true])
    events()?.onPainted({ seat: 1, ...nothing })
    expect(shown).toEqual(['b'])
    expect(seats.map((seat) => seat.isBusy())).toEqual([true, false])
    expect(sent).toHaveLength(2)
  })

  it('are told when what the painter knew is lost, and are no longer waiting for it', () => {
    const { desk: made, events } = desk()
    let lost = 0
    const seat = made.take({ onPainted: () => undefined, onLost: () => void lost++ })
    seat.paint(job)
    events()?.onLost()
    expect(lost).toBe(1)
    expect(seat.isBusy()).toBe(false)
  })

  it('that have left get no picture, and what was painted for them is let go', () => {
    const { desk: made, sent, events } = desk()
    let shown = 0
    let closed = 0
    const seat = made.take({ onPainted: () => void shown++, onLost: () => undefined })
    seat.paint(job)
    seat.leave()
    events()?.onPainted({ seat: 0, labels: [], bitmap: { close: () => void closed++ } })
    expect([shown, closed]).toEqual([0, 1])
    expect(sent.at(-1)).toEqual({ kind: 'leave', seat: 0 })
  })
})

describe('times at the edges of a plot', () => {
  it('are hidden whole as soon as the edge would cut them, and shown whole again', () => {
    const element = () => ({ dataset: {} as Record<string, string>, style: {} as Record<string, string> })
    const covers = { left: element(), right: element() }
    const seen = (from: number) => {
      const window = { from, to: from + 1_000 }
      hideCutLabels(covers as never, [{ at: 500, halfPx: 20 }], window, 1_000)
      return [covers.left.style.visibility, covers.right.style.visibility]
    }
    // The label stands from 480 to 520.
    expect(seen(400)).toEqual(['hidden', 'hidden'])
    expect(seen(481)).toEqual(['visible', 'hidden'])
    expect(covers.left.style.width).toBe('43px')
    expect(seen(519)).toEqual(['visible', 'hidden'])
    expect(seen(520)).toEqual(['hidden', 'hidden'])
    expect(seen(-519)).toEqual(['hidden', 'visible'])
    expect(seen(-521)).toEqual(['hidden', 'hidden'])
  })
})
