/** Why cells cannot be the sketch of any set. */
export type SketchFault = 'item-not-held' | 'item-held' | 'item-twice' | 'items-beyond-cells'

/**
 * The cells contradict themselves or the local set: a liar, or one of the 2^-32 accidents a fresh session key ends.
 * The caller gives up this sketch and asks for a list of ids instead.
 */
export class SketchInvalid extends Error {
  override readonly name = 'SketchInvalid'
  readonly code: SketchFault
  constructor(code: SketchFault) {
    super(`The cells are not those of a set: ${code}.`)
    this.code = code
  }
}
