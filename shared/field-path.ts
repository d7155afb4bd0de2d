/**
 * Field paths join keys and array indices with dots; a dot or backslash within a key is escaped by a backslash
 * (`a\.b`). Content that is itself a single value has the path `$`.
 */
export const ROOT_FIELD = '$'

/** Keys of a path, unescaped. */
export function fieldKeys(path: string): string[] {
  const keys: string[] = []
  let key = ''
  for (let index = 0; index < path.length; index += 1) {
    const char = path[index]
    if (char === '\\' && index + 1 < path.length) {
      index += 1
      key += path[index]
    } else if (char === '.') {
      keys.push(key)
      key = ''
    } else {
      key += char
    }
  }
  keys.push(key)
  return keys
}

/** The value at a path of parsed JSON; undefined where there is none. Looks at own properties alone. */
export function fieldValue(content: unknown, path: string): unknown {
  if (path === ROOT_FIELD && (typeof content !== 'object' || content === null)) return content
  let value: unknown = content
  for (const key of fieldKeys(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A key as it stands in a path: dots and backslashes escaped. */
export function escapeFieldKey(key: string): string {
  return key.replace(/[.\\]/g, '\\$&')
}
