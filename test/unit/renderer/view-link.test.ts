import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONDITION_TESTS, MAX_CONDITIONS } from '../../../shared/message-filter.ts'
import { MESSAGE_MARKS } from '../../../shared/message-mark.ts'
import { PLAYBACK_SPEEDS } from '../../../shared/playback-clock.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import {
  DEFAULT_VIEW,
  decodeView,
  encodeView,
  MAX_SPAN_MS,
  MIN_SPAN_MS,
  type View,
} from '../../../shared/view-link.ts'

const hex = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: min, maxLength: max })
    .map((digits) => digits.join(''))
const text = (max: number) =>
  fc.string({ unit: 'binary', maxLength: max }).filter((value) => value.length <= max && value.isWellFormed())
const part = fc
  .tuple(
    text(80).filter((value) => value !== ''),
    fc.integer({ min: 0, max: 99 }),
  )
  .map(([id, partition]) => `${id}#${partition}`)
const time = fc.integer({ min: 0, max: 8_640_000_000_000_000 })
const fields = fc.uniqueArray(
  text(60).filter((value) => value !== ''),
  { minLength: 1, maxLength: 32 },
)
const publisher = hex(2, 40).map((digits) => `0x${digits}`)

const fixed = fc
  .record({
    from: fc.integer({ min: 0, max: 4e15 }),
    span: fc.integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS }),
  })
  .map(({ from, span }) => ({ kind: 'fixed' as const, from, to: from + span }))
const live = fc
  .integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS })
  .map((spanMs) => ({ kind: 'live' as const, spanMs }))

const view: fc.Arbitrary<View> = fc
  .record({
    part: fc.option(part, { nil: null }),
    fields: fc.option(fields, { nil: null }),
    layout: fc.option(hex(16, 16), { nil: null }),
    shared: fc.option(hex(1, 200), { nil: null }),
    columns: fc.option(fields, { nil: null }),
    range: fc.oneof(fixed, live),
    playhead: fc.option(time, { nil: null }),
    playing: fc.boolean(),
    speed: fc.constantFrom(...PLAYBACK_SPEEDS),
    loop: fc.option(
      fixed.map(({ from, to }) => ({ from, to })),
      { nil: null },
    ),
    compareMs: fc.option(fc.integer({ min: 1, max: MAX_SPAN_MS }), { nil: null }),
    message: fc.option(
      fc.record({
        part,
        timestamp: time,
        sequence: fc.integer({ min: 0, max: 2_147_483_647 }),
        publisher,
        chain: text(40),
        digest: fc.option(hex(64, 64), { nil: null }),
      }),
      { nil: null },
    ),
    alert: fc.option(hex(22, 22), { nil: null }),
    publisher: fc.option(publisher, { nil: null }),
    verdicts: fc.subarray([...VERDICTS]),
    marks: fc.subarray([...MESSAGE_MARKS]),
    text: text(60),
    conditions: fc.array(
      fc.record({
        path: text(60).filter((value) => value !== ''),
        test: fc.constantFrom(...CONDITION_TESTS),
        value: text(60),
      }),
      { maxLength: MAX_CONDITIONS },
    ),
    changes: fc.boolean(),
  })
  .map((value): View => {
    const playhead = value.range.kind === 'fixed' ? value.playhead : null
    const loop = value.range.kind === 'fixed' ? value.loop : null
    return { ...value, loop, playhead, playing: playhead !== null && value.playing }
  })

describe('a view in a link', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(view, (value) => {
        expect(decodeView(encodeView(value))).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  it('opens as much as it can of whatever it is given', () => {
    const noise = fc.array(
      fc.tuple(
        fc.constantFrom(
          'part',
          'field',
          'column',
          'from',
          'to',
          'live',
          'at',
          'play',
          'speed',
          'loop',
          'message',
          'verdict',
          'publisher',
          'text',
          'where',
          'changes',
        ),
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer().map(String)),
      ),
    )
    fc.assert(
      fc.property(noise, (pairs) => {
        const read = decodeView(
          pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'),
        )
        // What was read is itself a view: it survives being written and read again.
        expect(decodeView(encodeView(read))).toEqual(read)
      }),
    )
    fc.assert(fc.property(fc.string(), (search) => void decodeView(search)))
  })

  it('leaves out what is usual', () => {
    expect(encodeView(DEFAULT_VIEW)).toBe('')
    expect(decodeView('')).toEqual(DEFAULT_VIEW)
  })

  it('drops times that make no range', () => {
    expect(decodeView('from=10&to=5').range).toEqual(DEFAULT_VIEW.range)
    expect(decodeView('from=-10&to=5e3').range).toEqual(DEFAULT_VIEW.range)
    expect(decodeView(`from=0&to=${MAX_SPAN_MS + 1}`).range).toEqual(DEFAULT_VIEW.range)
    for (const loop of ['500-100', '100', '-', '1-2', 'a-b', '1-1e9']) {
      expect(decodeView(`from=0&to=1000&loop=${loop}`).loop).toBeNull()
    }
    expect(decodeView('live=1000&loop=100-500').loop).toBeNull()
  })

  it('does not play what has no playhead, nor a live window', () => {
    expect(decodeView('from=0&to=1000&play=1').playing).toBe(false)
    expect(decodeView('live=1000&at=500&play=1')).toMatchObject({ playing: false, playhead: null })
  })

  it('bounds what it takes over', () => {
    const many = Array.from({ length: 100 }, (_, index) => `field=f${index}`).join('&')
    expect(decodeView(many).fields).toHaveLength(32)
    expect(decodeView(`part=${'a'.repeat(2_000)}%230`).part).toBeNull()
    expect(decodeView('part=a%230&message=1-2-0xZZ--c').message).toBeNull()
  })
})
