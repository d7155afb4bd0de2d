import type { Random } from '../random.ts'

const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '.',
  '\\',
  '$',
  '0',
  'length',
]

const HOSTILE_VALUES = [
  '1e308',
  '-1e308',
  '1e309',
  '-0',
  '1e-400',
  '9007199254740993',
  '"NaN"',
  '"Infinity"',
  '"\\ud800"',
  '"\\u0000"',
  'null',
  'true',
  'NaN',
  'undefined',
  '01',
  '1.',
  '{"__proto__":{"polluted":1}}',
]

/** Most values of one generated tree; floods beyond it are made apart. */
const MAX_VALUES = 24

/** JSON text, mostly valid, with keys, values and shapes that readers stumble over. */
export function generateJson(random: Random): string {
  if (random.chance(1_000)) return nest(random)
  if (random.chance(2_000)) return flood(random)
  return generateTree(random, { left: MAX_VALUES }, 0)
}

function generateTree(random: Random, budget: { left: number }, depth: number): string {
  budget.left -= 1
  const isLeaf = budget.left <= 0 || depth > 12 || (depth > 0 && !random.chance(3))
  if (isLeaf) return generateLeaf(random)
  const children = Array.from({ length: random.length(20) }, () => generateTree(random, budget, depth + 1))
  if (random.chance(3)) return `[${children.join()}]`
  return `{${children.map((child) => `${generateKey(random)}:${child}`).join()}}`
}

function generateLeaf(random: Random): string {
  if (random.chance(4)) return random.pick(HOSTILE_VALUES)
  if (random.chance(2)) return String((random.word() - 2 ** 31) / random.pick([1, 3, 1_000]))
  return JSON.stringify(random.text(random.chance(20) ? 400 : 24))
}

function generateKey(random: Random): string {
  return JSON.stringify(random.chance(4) ? random.pick(HOSTILE_KEYS) : random.text(20))
}

/** Nesting far beyond every bound, closed or not. */
function nest(random: Random): string {
  const depth = random.pick([9, 64, 65, 5_000, 100_000])
  const open = random.pick(['[', '{"a":', '[{"a":'])
  return random.chance(2) ? open.repeat(depth) : `${'['.repeat(depth)}1${']'.repeat(depth)}`
}

/** Very many values, or one that is very long. */
function flood(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return `[${'0,'.repeat(random.below(200_000))}0]`
    case 1:
      return `"${'x'.repeat(random.below(1_000_000))}"`
    case 2:
      return `{${Array.from({ length: random.below(20_000) }, (_, i) => `"k${i}":${i}`).join()}}`
    default:
      return `{"a":"${'\\"'.repeat(random.below(100_000))}"}`
  }
}
