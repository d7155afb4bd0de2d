import { create, type MathNode, parseDependencies } from 'mathjs/number'
import { MAX_EXPRESSION_LENGTH } from '../../../../shared/layout.ts'
import {
  BINARY_SIGNS,
  type BinarySign,
  type ExpressionNode,
  isMapName,
  isTrendName,
  MAP_FUNCTIONS,
  TREND_FUNCTIONS,
} from './expression-tree.ts'
import { MAX_DEPTH, MAX_LOOK_BACK_S, MAX_NODES } from './limits.ts'

/** What is wrong with an expression, and where in its text; null where it is the whole. */
export interface ExpressionProblem {
  message: string
  at: number | null
}

export type ParsedExpression =
  | { tree: ExpressionNode; problem: null }
  | { tree: null; problem: ExpressionProblem }

/** Only the parser: nothing here can run what it reads. */
const { parse } = create(parseDependencies ?? {})

class Wrong extends Error {
  readonly at: number | null
  constructor(message: string, at: number | null) {
    super(message)
    this.at = at
  }
}

/** What mathjs says in its own words, in ours. */
const PARSER_WORDS: readonly [RegExp, string][] = [
  [/^Unexpected end of expression/, 'The expression ends too early.'],
  [/^Parenthesis \) expected/, 'A closing bracket is missing.'],
  [/^Value expected/, 'A number, a letter or a bracket is expected here.'],
]

function parserProblem(error: unknown): ExpressionProblem {
  const { message = '', char } = error as { message?: string; char?: number }
  const said = message.replace(/ \(char \d+\)$/, '')
  const known = PARSER_WORDS.find(([pattern]) => pattern.test(said))
  return {
    message: known?.[1] ?? `This cannot be read: ${said.slice(0, 120)}.`,
    at: typeof char === 'number' ? char - 1 : null,
  }
}

/** Reads an expression over the letters in `inputs`; says in words what is wrong with it. */
export function parseExpression(text: string, inputs: readonly string[]): ParsedExpression {
  const problem = (message: string, at: number | null): ParsedExpression => ({
    tree: null,
    problem: { message, at },
  })
  if (text.trim() === '') return problem('Write an expression, for instance rate(a).', null)
  if (text.length > MAX_EXPRESSION_LENGTH) {
    return problem(`An expression has at most ${MAX_EXPRESSION_LENGTH} characters.`, MAX_EXPRESSION_LENGTH)
  }
  let root: MathNode
  try {
    root = parse(text)
  } catch (error) {
    return { tree: null, problem: parserProblem(error) }
  }
  try {
    const tree = createChecker(text, new Set(inputs)).check(root, 0)
    return { tree, problem: null }
  } catch (error) {
    if (error instanceof Wrong) return problem(error.message, error.at)
    throw error
  }
}

/** What of mathjs's nodes is read here. Everything else is refused. */
interface SeenNode {
  type: string
  name?: unknown
  value?: unknown
  op?: unknown
  fn?: unknown
  args?: MathNode[]
  content?: MathNode
}

function createChecker(text: string, inputs: ReadonlySet<string>) {
  let nodes = 0

  /** Where a word first stands in the text. */
  function placeOf(word: string): number | null {
    const at = new RegExp(`(?<![\\w.])${word.replace(/[^\w]/g, '\\$&')}(?!\\w)`).exec(text)?.index
    return at ?? null
  }

  function symbol(name: string): ExpressionNode {
    if (inputs.has(name)) return { kind: 'input', name }
    if (name === 'pi') return { kind: 'number', value: Math.PI }
    const shown = name.slice(0, 40)
    const names = [...inputs].sort().join(', ')
    const sentence =
      isTrendName(name) || isMapName(name)
        ? `${shown} is a function: write ${shown}(…).`
        : `Nothing is called ${shown}; ${names === '' ? 'choose an input first' : `the inputs are ${names}`}.`
    throw new Wrong(sentence, placeOf(name))
  }

  function call(node: SeenNode, depth: number): ExpressionNode {
    const name = String((node.fn as SeenNode | undefined)?.name ?? '')
    const args = node.args ?? []
    const at = placeOf(name)
    if (isTrendName(name)) {
      const wanted = name === 'movavg' ? 2 : 1
      if (args.length !== wanted || args[0] === undefined) {
        throw new Wrong(
          `${name} takes ${wanted === 1 ? 'one input' : 'an input and a number of seconds'}.`,
          at,
        )
      }
      const of = check(args[0], depth + 1)
      if (name !== 'movavg') return { kind: 'trend', name, of, seconds: 0 }
      const seconds = args[1] === undefined ? null : check(args[1], depth + 1)
      if (seconds?.kind !== 'number' || !(seconds.value > 0 && seconds.value <= MAX_LOOK_BACK_S)) {
        throw new Wrong(`The seconds of movavg are a number from above 0 to ${MAX_LOOK_BACK_S}.`, at)
      }
      return { kind: 'trend', name, of, seconds: seconds.value }
    }
    if (isMapName(name)) {
      const most = name === 'min' || name === 'max' ? 8 : 1
      if (args.length < 1 || args.length > most)
        throw new Wrong(`${name} takes ${most === 1 ? 'one value' : `1 to ${most} values`}.`, at)
      return { kind: 'map', name, of: args.map((arg) => check(arg, depth + 1)) }
    }
    const known = [...Object.keys(TREND_FUNCTIONS), ...Object.keys(MAP_FUNCTIONS)].join(', ')
    throw new Wrong(`There is no function ${name.slice(0, 40)}; there are ${known}.`, at)
  }

  function operator(node: SeenNode, depth: number): ExpressionNode {
    const [first, second] = node.args ?? []
    const sign = node.op === '%' ? 'mod' : String(node.op)
    if (first !== undefined && second === undefined) {
      if (sign === '-') return { kind: 'negate', of: check(first, depth + 1) }
      if (sign === '+') return check(first, depth + 1)
    }
    if (first !== undefined && second !== undefined && BINARY_SIGNS.some((known) => known === sign)) {
      const [left, right] = [check(first, depth + 1), check(second, depth + 1)]
      return { kind: 'binary', sign: sign as BinarySign, left, right }
    }
    const at = text.indexOf(String(node.op))
    throw new Wrong(`"${String(node.op).slice(0, 12)}" is none of + - * / ^ %.`, at < 0 ? null : at)
  }

  function check(node: MathNode, depth: number): ExpressionNode {
    nodes += 1
    if (nodes > MAX_NODES)
      throw new Wrong(`This is too long: at most ${MAX_NODES} numbers, letters and signs.`, null)
    if (depth > MAX_DEPTH) throw new Wrong(`This is nested too deep: at most ${MAX_DEPTH} levels.`, null)
    const seen = node as unknown as SeenNode
    switch (seen.type) {
      case 'ConstantNode':
        if (typeof seen.value !== 'number' || !Number.isFinite(seen.value)) {
          throw new Wrong('Only finite numbers can stand here.', null)
        }
        return { kind: 'number', value: seen.value }
      case 'SymbolNode':
        return symbol(String(seen.name))
      case 'ParenthesisNode':
        if (seen.content === undefined) break
        return check(seen.content, depth + 1)
      case 'OperatorNode':
        return operator(seen, depth)
      case 'FunctionNode':
        return call(seen, depth)
    }
    throw new Wrong('Only arithmetic and functions of the inputs can stand here.', null)
  }

  return { check }
}
