import type { ChartBucket } from '../../../../shared/chart.ts'
import { type BinarySign, type ExpressionNode, MAP_FUNCTIONS } from './expression-tree.ts'
import { createTrackBuilder, isMerged, standing, type Track, valueBucket, worseVerdict } from './track.ts'
import { trendOf } from './trends.ts'

/** What a part of an expression comes to: one number, or a series. */
type Value = number | Track

const BINARY: Record<BinarySign, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  mod: (a, b) => a - b * Math.floor(a / b),
}

/**
 * Works out an expression over series. The tree is walked here, value by value; no text is ever run.
 * @param inputs The series behind each letter.
 */
export function evaluateExpression(tree: ExpressionNode, inputs: ReadonlyMap<string, Track>): Track {
  const value = evaluate(tree, inputs)
  if (typeof value !== 'number') return value
  // A number alone stands wherever an input does; without one it stands nowhere.
  const [first] = inputs.values()
  return first === undefined
    ? { buckets: [], intervalMs: 0, isEstimated: false }
    : mapTrack(first, () => value, false)
}

function evaluate(node: ExpressionNode, inputs: ReadonlyMap<string, Track>): Value {
  switch (node.kind) {
    case 'number':
      return node.value
    case 'input':
      return inputs.get(node.name) ?? { buckets: [], intervalMs: 0, isEstimated: false }
    case 'negate':
      return binary('*', evaluate(node.of, inputs), -1)
    case 'binary':
      return binary(node.sign, evaluate(node.left, inputs), evaluate(node.right, inputs))
    case 'map': {
      const values = node.of.map((part) => evaluate(part, inputs))
      return values
        .slice(1)
        .reduce<Value>(
          (sum, next) => combine(MAP_FUNCTIONS[node.name], sum, next),
          values.length === 1
            ? mapOne(MAP_FUNCTIONS[node.name], values[0] ?? Number.NaN)
            : (values[0] ?? Number.NaN),
        )
    }
    case 'trend': {
      const of = evaluate(node.of, inputs)
      // What never changes has no trend, and is its own average.
      if (typeof of === 'number') return node.name === 'movavg' ? of : 0
      return trendOf(node.name, of, node.seconds)
    }
  }
}

function mapOne(f: (value: number) => number, value: Value): Value {
  return typeof value === 'number' ? f(value) : mapTrack(value, f, false)
}

function binary(sign: BinarySign, left: Value, right: Value): Value {
  const isAffine =
    (sign === '+' || sign === '-' || sign === '*' || (sign === '/' && typeof right === 'number')) &&
    (typeof left === 'number' || typeof right === 'number')
  if (isAffine && typeof left !== 'number' && typeof right === 'number') {
    return mapTrack(left, (value) => BINARY[sign](value, right), true)
  }
  if (isAffine && typeof left === 'number' && typeof right !== 'number') {
    return mapTrack(right, (value) => BINARY[sign](left, value), true)
  }
  return combine(BINARY[sign], left, right)
}

function combine(f: (a: number, b: number) => number, left: Value, right: Value): Value {
  if (typeof left === 'number') {
    return typeof right === 'number' ? f(left, right) : mapTrack(right, (value) => f(left, value), false)
  }
  if (typeof right === 'number') return mapTrack(left, (value) => f(value, right), false)
  return joinTracks(f, left, right)
}

/**
 * The same function of every value.
 * @param isAffine It keeps least, greatest and mean what they are: the spread of merged messages stays exact.
 */
function mapTrack(track: Track, f: (value: number) => number, isAffine: boolean): Track {
  const builder = createTrackBuilder()
  for (const bucket of track.buckets) builder.add(isAffine ? mapSpread(bucket, f) : mapLast(bucket, f))
  const isEstimated = track.isEstimated || (!isAffine && isMerged(track))
  return { buckets: builder.buckets, intervalMs: track.intervalMs, isEstimated }
}

function mapLast(bucket: ChartBucket, f: (value: number) => number): ChartBucket | null {
  return valueBucket(bucket, f(bucket.last), bucket.gapBefore)
}

function mapSpread(bucket: ChartBucket, f: (value: number) => number): ChartBucket | null {
  const [one, other] = [f(bucket.min), f(bucket.max)]
  const last = f(bucket.last)
  if (!Number.isFinite(last) || !Number.isFinite(one) || !Number.isFinite(other)) return null
  return {
    ...bucket,
    first: f(bucket.first),
    last,
    min: Math.min(one, other),
    max: Math.max(one, other),
    sum: f(bucket.sum / bucket.count) * bucket.count,
  }
}

/** Two series joined where both are known: at the times of the livelier one, with what stands of the other. */
function joinTracks(f: (a: number, b: number) => number, left: Track, right: Track): Track {
  const leads = left.buckets.length >= right.buckets.length
  const [lead, other] = leads ? [left, right] : [right, left]
  const builder = createTrackBuilder()
  for (const bucket of lead.buckets) {
    const beside = standing(other, bucket.to)
    if (beside === undefined) {
      builder.add(null)
      continue
    }
    const value = leads ? f(bucket.last, beside.last) : f(beside.last, bucket.last)
    const worst = worseVerdict(bucket.worst, beside.worst)
    builder.add(valueBucket({ ...bucket, worst }, value, bucket.gapBefore))
  }
  const isEstimated = left.isEstimated || right.isEstimated || isMerged(left) || isMerged(right)
  return { buckets: builder.buckets, intervalMs: lead.intervalMs, isEstimated }
}
