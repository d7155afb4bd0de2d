import { axisLabels, formatValue } from './unit-format.ts'
import { stepsOf, type ValueScale, valueOfStep } from './value-scale.ts'

/** What stands between a label and the plot, and what is left free at its other side, px. */
export const LABEL_GAP_PX = 8
const EDGE_PX = 4
/** Widest label of an axis, px: room that is taken from every plot of the window. */
const MAX_LABEL_PX = 92
/** Up to this a label fits into the room that every plot has anyway, px. */
const USUAL_LABEL_PX = 54
/** Numbers beyond this are no longer told one by one. */
const LARGEST_WHOLE = Number.MAX_SAFE_INTEGER

const MOST_DIGITS = 15
/** Units of which `formatValue` makes other ones, and a share of a hundred, which is told with its sign. */
const SCALED_UNITS: readonly (string | null)[] = ['B', 'B/s', 'ms', 's', '%']
/** Nothing of a thousand is nothing. */
const ZERO_PREFIX = /^0(\.0+)? [kMGT]$/

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 12 })

/** About how wide a label is, px: digits have one width, what separates them has less. */
export function labelWidth(text: string): number {
  let px = 0
  for (const letter of text) px += letter === '.' || letter === ',' || letter === ' ' ? 3.2 : 6.9
  return px
}

/** What an axis needs at the left of its plot, px. */
export function labelRoom(labels: readonly string[]): number {
  return LABEL_GAP_PX + EDGE_PX + Math.max(0, ...labels.map(labelWidth))
}

/** A power of ten without what says nothing: `1.50e+12` reads 1.5e12. */
function trimmed(text: string): string {
  return text.replace(/\.?0*e\+?/, 'e')
}

/** As many digits as tell one line from the next, with a power of ten: 1.76439240012e12. */
function byPower(scale: ValueScale): (value: number) => string {
  const largest = Math.max(Math.abs(scale.min), Math.abs(scale.max))
  const digits = Math.ceil(Math.log10(largest) - Math.log10(scale.step)) + 1
  return (value) => (value === 0 ? '0' : trimmed(value.toExponential(Math.min(15, Math.max(1, digits)))))
}

/**
 * The values of the lines of a scale, from the lowest up. No two are told alike and none is wider than an axis may
 * be: numbers are shortened where that leaves them apart, else told in full, and where there is no room for that the
 * lowest is told about and the others by their distance from it.
 */
export function scaleLabels(scale: ValueScale, unit: string | null): string[] {
  const steps = stepsOf(scale)
  const values = Array.from({ length: steps + 1 }, (_, step) => valueOfStep(scale, step))
  const largest = Math.max(Math.abs(scale.min), Math.abs(scale.max))
  const told = (label: (value: number) => string) => values.map(label)
  const isApart = (labels: readonly string[]) => new Set(labels).size === labels.length
  const isWithin = (labels: readonly string[], px: number) => labels.every((label) => labelWidth(label) <= px)

  const short = told(axisLabels(scale.step, largest, unit)).map((label, step) =>
    values[step] === 0 ? label.replace(ZERO_PREFIX, '0') : label,
  )
  if (isApart(short) && isWithin(short, USUAL_LABEL_PX)) return short
  const isPlain = !SCALED_UNITS.includes(unit)
  const isWhole = isPlain && largest <= LARGEST_WHOLE && scale.step >= 1
  const full = isWhole ? [told((value) => grouped.format(value)), told(String)] : []
  const power = told(byPower(scale)).map((label) => (isPlain ? label : withUnit(label, unit)))
  const inFull = [...full, short, power]
  for (const labels of inFull) {
    if (isApart(labels) && isWithin(labels, MAX_LABEL_PX)) return labels
  }
  const span = scale.max - scale.min
  const distance = axisLabels(scale.step, span, unit)
  const far = values.map((value, step) =>
    step === 0 ? (isPlain ? nearly(value) : formatValue(value, unit)) : `+${distance(value - scale.min)}`,
  )
  // What is still told alike is told once: a line without a number misleads nobody.
  const last = Number.isFinite(span) && isWithin(far, MAX_LABEL_PX) ? far : short
  return last.map((label, step) => (last.indexOf(label) < step ? '' : label))
}

function withUnit(label: string, unit: string | null): string {
  return unit === '%' ? `${label}%` : `${label} ${unit}`
}

/** A number with as many digits as there is room for. */
function nearly(value: number): string {
  for (let digits = MOST_DIGITS; digits > 1; digits -= 1) {
    const shortened = Number(value.toPrecision(digits))
    const text = `${shortened === value ? '' : '≈'}${trimmed(value.toExponential(digits - 1))}`
    if (labelWidth(text) <= MAX_LABEL_PX) return text
  }
  return formatValue(value, null)
}
