/** Bounds of expressions over fields; their text is bounded where it is kept (`shared/layout.ts`). */

/** Parts of one expression: numbers, letters, signs, calls. */
export const MAX_NODES = 128
/** How deep they may be nested. */
export const MAX_DEPTH = 24
/** Longest stretch a moving average looks back, s: thirty days. */
export const MAX_LOOK_BACK_S = 2_592_000
