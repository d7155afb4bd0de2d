import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DrawnLine } from '../../../renderer/ui/chart/frame.ts'
import { hideCutLabels } from '../../../renderer/ui/chart/label-covers.ts'
import { packLine, unpackBuckets } from '../../../renderer/ui/chart/packed-line.ts'
import type { PanelJob } from '../../../renderer/ui/chart/paint-desk.ts'
import { createPaintDesk, type PaintThreadEvents } from '../../../renderer/ui/chart/paint-desk.ts'
import type { PainterRequest } from '../../../renderer/ui/chart/paint-job.ts'
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
        const { pieces, ...rest } = packLine(
          { ...value, pieces: [value.buckets.slice(0, 7), value.buckets.slice(7)] },
          () => false,
        )
        const buckets = pieces.flatMap(({ figures }) => (figures === null ? [] : unpackBuckets(figures)))
        expect({ ...rest, buckets }).toEqual(value)
      }),
    )
  })
})

const BUCKET: DrawnLine['buckets'][number] = {
  from: 0,
  to: 0,
  count: 1,
  first: 1,
  min: 1,
  max: 1,
  last: 1,
  sum: 1,
  worst: 'verified',
  gapBefore: false,
}
const LINE: DrawnLine = { colour: 0, buckets: [], intervalMs: 1, levelMs: 0, origin: 'measured', shiftMs: 0 }

const job: PanelJob = {
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
    const handed: ArrayBuffer[][] = []
    let events: PaintThreadEvents | null = null
    const made = createPaintDesk((given) => {
      events = given
      return {
        send(request, given) {
          sent.push(request)
          handed.push(given)
        },
      }
    })
    return { desk: made, sent, handed, events: () => events as PaintThreadEvents | null }
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

  it('send buckets that the painter has by their number alone, and whole again when nobody drew them meanwhile', () => {
    const { desk: made, sent, handed, events } = desk()
    const none = { onPainted: () => undefined, onLost: () => undefined }
    const [a, b] = [made.take(none), made.take(none)]
    const piece = (from: number) => [{ ...BUCKET, from, to: from }]
    const [one, two, three] = [piece(1), piece(2), piece(3)]
    const draw = (seat: typeof a, ...pieces: (typeof one)[]) => {
      const line = { ...LINE, buckets: pieces.flat(), pieces }
      seat.paint({ ...job, data: { lines: [line, line], states: [], lane: [], alerts: [] } })
      const last = sent.at(-1)
      const packed = last?.kind === 'paint' ? (last.job.data?.lines ?? []) : []
      // The second line is made of the same: nothing of it is sent twice.
      expect(packed[1]?.pieces.every(({ figures }) => figures === null)).toBe(true)
      expect(handed.at(-1)).toHaveLength(
        packed[0]?.pieces.filter(({ figures }) => figures !== null).length ?? 0,
      )
      return packed[0]?.pieces.map(({ figures }) => figures?.[0] ?? null)
    }
    expect(draw(a, one, two)).toEqual([1, 2])
    expect(draw(b, two)).toEqual([null])
    expect(draw(a, two, three)).toEqual([null, 3])
    expect(draw(a, one)).toEqual([1])
    // The other panel still draws it.
    expect(draw(a, two)).toEqual([null])
    b.leave()
    expect(draw(a, three)).toEqual([3])
    expect(draw(a, two)).toEqual([2])
    events()?.onLost()
    expect(draw(a, two)).toEqual([2])
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
