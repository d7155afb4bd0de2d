import { escapeFieldKey, ROOT_FIELD } from './field-path.ts'

/** One leaf of a content that is not as it was; undefined where it was not there. */
export interface Change {
  path: string
  before: unknown
  after: unknown
}

/** Changes that are told of one message, and the depth they are looked for at: a row has room for a few. */
const MAX_CHANGES = 64
const MAX_DEPTH = 16

/** What changed between two contents, leaf by leaf, in the order of the later one; what is gone comes last. */
export function changesBetween(before: unknown, after: unknown): Change[] {
  const changes: Change[] = []
  collect(before, after, '', 0, changes)
  return changes
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function collect(before: unknown, after: unknown, prefix: string, depth: number, changes: Change[]): void {
  if (changes.length >= MAX_CHANGES) return
  if (!isBranch(before) || !isBranch(after) || depth >= MAX_DEPTH) {
    if (!isSame(before, after)) changes.push({ path: prefix === '' ? ROOT_FIELD : prefix, before, after })
    return
  }
  const lead = prefix === '' ? '' : `${prefix}.`
  const own = (node: Record<string, unknown>, key: string) =>
    Object.hasOwn(node, key) ? node[key] : undefined
  for (const key of Object.keys(after)) {
    collect(own(before, key), after[key], lead + escapeFieldKey(key), depth + 1, changes)
  }
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key)) continue
    if (changes.length >= MAX_CHANGES) return
    changes.push({ path: lead + escapeFieldKey(key), before: before[key], after: undefined })
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (isBranch(a) && isBranch(b) && JSON.stringify(a) === JSON.stringify(b))
}
