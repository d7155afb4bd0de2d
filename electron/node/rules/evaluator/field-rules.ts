import type { CompiledRule } from './compiled-rule.ts'

/** The rules that look at one field. */
export interface FieldRules {
  path: string
  keys: readonly string[]
  /** Thresholds; as long as none of the publisher's alerts is open, a number between the bounds begins none of them. */
  thresholds: readonly CompiledRule[]
  lowest: number
  highest: number
  /** Those that remember each value. */
  others: readonly CompiledRule[]
}

/**
 * Rules by the field they look at, so that a message meets only those that can have something to say about its values:
 * a hundred thresholds on a field cost as much as one while they are kept to.
 * @param paths in the order of `CompiledRule.field`
 */
export function byField(paths: readonly string[], rules: readonly CompiledRule[]): FieldRules[] {
  return paths.map((path, field) => {
    const ofField = rules.filter((rule) => rule.field === field)
    const thresholds = ofField.filter(({ from }) => from !== undefined)
    const bounds = (isAbove: boolean) =>
      thresholds.filter((rule) => rule.isAbove === isAbove).map(({ from = 0 }) => from)
    return {
      path,
      keys: ofField[0]?.keys ?? [],
      thresholds,
      lowest: Math.max(...bounds(false)),
      highest: Math.min(...bounds(true)),
      others: ofField.filter(({ from }) => from === undefined),
    }
  })
}
