type Column = Float64Array | Uint32Array | Uint8Array

/** `column`, or a copy twice as long when `index` does not fit. */
export function grown<C extends Column>(column: C, index: number): C {
  if (index < column.length) return column
  const wider = new (column.constructor as new (length: number) => C)(Math.max(column.length * 2, index + 1))
  wider.set(column)
  return wider
}

/** Strings of one batch, each kept once and named by the index of its first appearance. */
export class Dictionary {
  readonly strings: string[] = []
  readonly #indexes = new Map<string, number>()

  indexOf(text: string): number {
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    const index = this.strings.push(text) - 1
    this.#indexes.set(text, index)
    return index
  }

  clear(): void {
    this.strings.length = 0
    this.#indexes.clear()
  }
}
