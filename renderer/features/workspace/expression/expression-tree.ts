/** An expression as it is worked out: nothing in it can do anything but arithmetic on the inputs. */
export type ExpressionNode =
  | { kind: 'number'; value: number }
  | { kind: 'input'; name: string }
  | { kind: 'negate'; of: ExpressionNode }
  | { kind: 'binary'; sign: BinarySign; left: ExpressionNode; right: ExpressionNode }
  /** A function of single values. */
  | { kind: 'map'; name: MapName; of: ExpressionNode[] }
  /** A function of a series in time; `seconds` where it looks back. */
  | { kind: 'trend'; name: TrendName; of: ExpressionNode; seconds: number }

export const BINARY_SIGNS = ['+', '-', '*', '/', '^', 'mod'] as const
export type BinarySign = (typeof BINARY_SIGNS)[number]

export const MAP_FUNCTIONS = {
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  log10: Math.log10,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  min: Math.min,
  max: Math.max,
} as const satisfies Record<string, (...values: number[]) => number>
export type MapName = keyof typeof MAP_FUNCTIONS

export const TREND_FUNCTIONS = {
  rate: 'increase a second; a counter that falls has begun anew',
  derivative: 'change a second',
  difference: 'change from one message to the next',
  movavg: 'mean of so many seconds: movavg(a, 60)',
} as const
export type TrendName = keyof typeof TREND_FUNCTIONS

export function isMapName(name: string): name is MapName {
  return Object.hasOwn(MAP_FUNCTIONS, name)
}

export function isTrendName(name: string): name is TrendName {
  return Object.hasOwn(TREND_FUNCTIONS, name)
}

/** Letters an expression reads, in order of the alphabet. */
export function inputsOf(node: ExpressionNode): string[] {
  const names = new Set<string>()
  const visit = (at: ExpressionNode): void => {
    if (at.kind === 'input') names.add(at.name)
    else if (at.kind === 'negate' || at.kind === 'trend') visit(at.of)
    else if (at.kind === 'binary') for (const side of [at.left, at.right]) visit(side)
    else if (at.kind === 'map') for (const side of at.of) visit(side)
  }
  visit(node)
  return [...names].sort()
}

/** How far before a time an expression looks to say its value there, ms. */
export function lookBackMs(node: ExpressionNode): number {
  switch (node.kind) {
    case 'number':
    case 'input':
      return 0
    case 'negate':
      return lookBackMs(node.of)
    case 'binary':
      return Math.max(lookBackMs(node.left), lookBackMs(node.right))
    case 'map':
      return Math.max(0, ...node.of.map(lookBackMs))
    case 'trend':
      return lookBackMs(node.of) + node.seconds * 1_000
  }
}
