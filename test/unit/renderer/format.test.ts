import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  axisLabels,
  formatExact,
  formatNumber,
  formatReading,
  formatValue,
} from '../../../renderer/ui/chart/unit-format.ts'
import { fromInputValue, toInputValue } from '../../../renderer/ui/date-input.ts'
import { covers, formatWei } from '../../../shared/format/amount.ts'
import { groupHex, shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatDuration, formatRate, formatSize } from '../../../shared/format/quantity.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import { formatClock, formatDate, formatTimestamp, zoneLabel } from '../../../shared/format/time.ts'

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [420, '420 ms'],
    [12_900, '12 s'],
    [200_000, '3 m 20 s'],
    [180_000, '3 m'],
    [18_720_000, '5 h 12 m'],
    [273_600_000, '3 d 4 h'],
    [-5_000, '-5 s'],
    [Number.NaN, '–'],
  ])('%d ms read %s', (duration, text) => {
    expect(formatDuration(duration)).toBe(text)
  })
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [999.96, '1 kB'],
    [4_200_000, '4.2 MB'],
    [25_276_502_016, '25.3 GB'],
    [999_400_000, '999 MB'],
    [999_960_000, '1 GB'],
    [-2_500, '-2.5 kB'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })
})

describe('rates and counts', () => {
  it.each([
    [0, '0 msg/s'],
    [12.4, '12.4 msg/s'],
    [1, '1 msg/s'],
    [0.05, '3 msg/min'],
    [0.0005, '1.8 msg/h'],
    [12_345.6, '12,346 msg/s'],
  ])('%d a second read %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text)
  })

  it('groups digits', () => {
    expect(formatCount(4_210)).toBe('4,210')
    expect(formatCount(Number.NaN)).toBe('–')
  })
})

describe('ids', () => {
  it('keep both ends', () => {
    expect(shortenMiddle('0x12ab34cd56ef78901234')).toBe('0x12ab…1234')
    expect(shortenMiddle('short')).toBe('short')
  })

  it('never grow, never lose their ends, never cut a character in two', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 200 })
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (word, head, tail) => {
          const short = shortenMiddle(word, head, tail)
          expect([...short].length).toBeLessThanOrEqual(Math.max([...word].length, 0))
          expect(short.isWellFormed()).toBe(true)
          if (short !== word) {
            expect(short.startsWith([...word].slice(0, head).join(''))).toBe(true)
            expect(short.endsWith([...word].slice(-tail).join(''))).toBe(true)
          }
        },
      ),
    )
  })

  it('stay cheap when they are absurdly long', () => {
    expect(shortenMiddle('x'.repeat(10_000_000), 3, 2)).toBe('xxx…xx')
  })

  it('are grouped for reading aloud', () => {
    expect(groupHex('0123456789abcdef01')).toBe('01234567 89abcdef 01')
  })
})

describe('times', () => {
  const at = Date.UTC(2026, 2, 1, 13, 3, 21, 45)

  it('carry their zone', () => {
    expect(formatTimestamp(at, 'utc')).toBe('2026-03-01 13:03:21.045 UTC')
    expect(formatTimestamp(at, 'epoch')).toBe(String(at))
    expect(formatTimestamp(at, 'local')).toMatch(/ UTC([+-]\d+(:\d\d)?)?$/)
    expect(zoneLabel('epoch', at)).toBe('epoch ms')
  })

  it('can be told without the date', () => {
    expect(formatClock(at, 'utc')).toBe('13:03:21')
    expect(formatClock(at, 'utc', true)).toBe('13:03:21.045')
    expect(formatDate(at, 'utc')).toBe('2026-03-01')
    expect(formatDate(at, 'epoch')).toBe('')
  })

  it('say so when they are none', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 9e15])
      expect(formatTimestamp(bad, 'utc')).toBe('–')
  })

  it('survive an input field, to the second', () => {
    const seconds = fc.integer({ min: 0, max: 4e9 }).map((value) => value * 1_000)
    fc.assert(
      fc.property(seconds, fc.constantFrom('utc', 'epoch'), (value, zone) => {
        expect(fromInputValue(toInputValue(value, zone as 'utc' | 'epoch'), zone as 'utc' | 'epoch')).toBe(
          value,
        )
      }),
    )
    expect(fromInputValue('yesterday', 'utc')).toBeNull()
    expect(fromInputValue('2026-13-41T99:99', 'utc')).toBeNull()
  })
})

describe('values with units', () => {
  it.each([
    [47.654, '%', '47.65%'],
    [7_412_345_678, 'B', '7.4 GB'],
    [400_000, 'B/s', '400 kB/s'],
    [1.22, 'ms', '1.22 ms'],
    [0, 'ms', '0 ms'],
    [3_000, 'ms', '3 s'],
    [90, 's', '90 s'],
    [36_000, 's', '10 h'],
    [1_750_000_000, 's', '2025-06-15 15:06:40Z'],
    [1_750_000_000_000, 'ms', '2025-06-15 15:06:40Z'],
    [1e12, 's', '277.8 M h'],
    [12.5, 'gwei', '12.5 gwei'],
    [312, '1', '312'],
    [1_234_567, null, '1.2 M'],
    [0.00042, null, '0.0004'],
    [1e300, null, '1.0e+300'],
    [1e-12, null, '1.0e-12'],
    [Number.NaN, '%', '–'],
  ] as [number, string | null, string][])('%d %s read %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })

  it('stay short, whatever the number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => void expect(formatNumber(value).length).toBeLessThanOrEqual(9)),
    )
  })
})

describe('labels of an axis', () => {
  it.each([
    [0.5, 2, null, 1.5, '1.5'],
    [1, 4, null, 2, '2'],
    [200, 9_210_000, '1', 9_210_200, '9.2102 M'],
    [25, 100, '%', 50, '50%'],
    [0.25, 1, 'gwei', 0.75, '0.75'],
    [20, 60, 'ms', 40, '40 ms'],
    [0.5, 1, 'B/s', 0.5, '0.5 B/s'],
    [500, 2_000, 'B', 500, '500 B'],
  ] as [number, number, string | null, number, string][])(
    'a step of %d up to %d %s',
    (step, largest, unit, value, label) => {
      expect(axisLabels(step, largest, unit)(value)).toBe(label)
    },
  )

  it('tell each line of the grid from the next', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 2.5, 5),
        fc.integer({ min: -4, max: 9 }),
        fc.integer({ min: 1, max: 2_000 }),
        (digit, power, lines) => {
          const step = digit * 10 ** power
          const label = axisLabels(step, step * lines, null)
          expect(label(step * lines)).not.toBe(label(step * (lines - 1)))
        },
      ),
    )
  })
})

describe('values in full', () => {
  it.each([
    [123_456_789, null, '123,456,789'],
    [-0.123456789, 'gwei', '-0.123456789 gwei'],
    [12.3456789, '%', '12.3456789%'],
    [25_276_502_016, 'B', '25.3 GB'],
    [1.7e308, null, '1.7e+308'],
    [0, null, '0'],
    [Number.NaN, null, '–'],
  ])('%d in %s reads %s', (value, unit, text) => {
    expect(formatExact(value, unit)).toBe(text)
  })
})

describe('readings', () => {
  it.each([
    [123_456_789, null, '123,456,789'],
    [123_456_789.5, null, '123.5 M'],
    [1_764_392_400_000, '1', '1,764,392,400,000'],
    [25_276_502_016, 'B', '25.3 GB'],
    [1e15, null, '1.0e+15'],
    [-42, null, '-42'],
  ])('%d in %s read %s', (value, unit, text) => {
    expect(formatReading(value, unit)).toBe(text)
  })
})

describe('amounts of gas money', () => {
  it.each([
    ['0', '0'],
    ['1', '< 0.000001'],
    ['1234567890000000', '0.001234'],
    ['12500000000000000000', '12.5'],
    ['1234567000000000000000000', '1,234,567'],
  ])('%s wei reads %s', (wei, shown) => {
    expect(formatWei(wei)).toBe(shown)
  })

  it('are compared as whole wei, however large', () => {
    expect(covers('100000000000000000000', '99999999999999999999')).toBe(true)
    expect(covers('99999999999999999999', '100000000000000000000')).toBe(false)
  })
})

describe('where a message came from', () => {
  it.each([
    ['live', false, 'the network, as it was published'],
    [`resend:0x${'ab'.repeat(20)}`, true, 'filled from the storage node 0xababab…ababab'],
    ['peer:12D3KooWabc', true, 'filled from the peer 12D3KooWabc'],
    ['mvds:12D3KooWabc', true, 'the paired node 12D3KooWabc, which this one is kept in step with'],
    ['somewhere-new', false, 'somewhere-new'],
  ])('%s is told in words', (source, isFilled, words) => {
    expect(sourceWords(source)).toEqual({ isFilled, words })
  })
})
