import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = readFileSync(`${root}docs/LIMITS.md`, 'utf8')

/** One row of the page: a bound that a constant of the code holds, or one that only stands in a schema. */
export interface StatedBound {
  /** Files named above the table. */
  files: string[]
  /** For instance `MAX_MESSAGE_BYTES` or `DEFAULT_LIMITS.maxActive`. */
  constant: string | undefined
  value: string
  cells: string[]
}

const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')

export function statedBounds(): StatedBound[] {
  const bounds: StatedBound[] = []
  let files: string[] = []
  for (const line of page.split('\n')) {
    if (line.startsWith('In `')) files = codeIn(line)
    if (!line.startsWith('| ') || line.startsWith('| bound |')) continue
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const constant = codeIn(cells[0] ?? '').find((name) => /^[A-Z][A-Z0-9_]+(\.\w+)?$/.test(name))
    bounds.push({ files, constant, value: cells[1] ?? '', cells })
  }
  return bounds
}

const FACTORS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_048_576,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Reads `1 MiB`, `10 s, 1 min` or `1/8`; times in milliseconds, sizes in bytes. */
export function readStatedValue(value: string): number[] {
  return value.split(/, (?=\d)/).map((text) => {
    const match = /^(-?[\d,]+(?:\/\d+)?)(?: (\w+))?$/.exec(text)
    if (match === null) throw new Error(`"${text}" is not a value this page uses`)
    const [over = '', under = '1'] = (match[1] ?? '').replaceAll(',', '').split('/')
    const factor = match[2] === undefined ? 1 : FACTORS[match[2]]
    if (factor === undefined) throw new Error(`"${match[2]}" is not a unit this page uses`)
    return (Number(over) / Number(under)) * factor
  })
}

/** Unit of a constant, as its name says it, in the page's base units. */
function unitOf(name: string): number {
  if (name.endsWith('_KIB')) return 1_024
  return name.endsWith('_S') ? 1_000 : 1
}

const sources = new Map<string, string>()

export function sourceOf(file: string): string {
  const known = sources.get(file) ?? readFileSync(`${root}${file}`, 'utf8')
  sources.set(file, known)
  return known
}

/** What stands behind `const NAME =`, up to the end of the statement. */
function expressionOf(file: string, name: string): string | undefined {
  const source = sourceOf(file)
  const start = new RegExp(`^(?:export )?const ${name}\\b[^=\\n]*= `, 'm').exec(source)
  if (start === null) return undefined
  const rest = source.slice(start.index + start[0].length)
  return rest.startsWith('{') ? rest.slice(0, rest.indexOf('}') + 1) : rest.slice(0, rest.indexOf('\n'))
}

/** Where the file has an imported name from. */
function importOf(file: string, name: string): string | undefined {
  const match = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '(\\.[^']+)'`).exec(sourceOf(file))
  return match?.[1] === undefined ? undefined : new URL(match[1], `file:///${file}`).pathname.slice(1)
}

/** Works out an expression of numbers and other constants; anything else is not a bound. */
function evaluate(file: string, expression: string): number {
  const resolved = expression.replace(/\b[A-Z][A-Z0-9_]+\b/g, (name) => {
    const home = expressionOf(file, name) === undefined ? importOf(file, name) : file
    const found = home === undefined ? undefined : expressionOf(home, name)
    if (home === undefined || found === undefined) throw new Error(`${name} is not to be found from ${file}`)
    return `(${evaluate(home, found)})`
  })
  if (!/^[\d_\s.+*/()en-]+$/.test(resolved)) throw new Error(`"${expression}" in ${file} is no number`)
  return Number(new Function(`return ${resolved.replace(/(\d)n\b/g, '$1')}`)())
}

/** The value of a constant in the code, in the page's base units; a list has several. */
export function valueInCode(file: string, constant: string): number[] | undefined {
  const [name = '', property] = constant.split('.')
  const expression = expressionOf(file, name)
  if (expression === undefined) return undefined
  const value =
    property === undefined
      ? expression
      : (new RegExp(`\\b${property}: ([^,}\\n]+)`).exec(expression)?.[1] ?? '')
  const items = value.startsWith('[') ? value.slice(1, value.lastIndexOf(']')).split(', ') : [value]
  return items.map((item) => evaluate(file, item.trim()) * unitOf(name))
}

/** Names of the exported constants of a file of bounds. */
export function exportedConstants(file: string): string[] {
  return [...sourceOf(file).matchAll(/^export const ([A-Z][A-Z0-9_]+)\b/gm)].map((match) => match[1] ?? '')
}
