/** Bounds of what is kept of workspaces. */

/** Layouts kept by one node. */
export const MAX_LAYOUTS = 200
/** Expressions in the library. */
export const MAX_KEPT_EXPRESSIONS = 500
/** The library as a file: five hundred of the longest stay below. */
export const MAX_LIBRARY_BYTES = 1_048_576
