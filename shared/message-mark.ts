/** What is said of a message beside its verdict, and kept by the store with it: see `Selection.marks` of the store. */
export const STORED_MARKS = ['equivocation', 'clock'] as const
export type StoredMark = (typeof STORED_MARKS)[number]

/**
 * What can be asked for beside verdicts. `schema`: the content is not what the schema of its stream allows, as that
 * schema stands now; it is found by reading contents.
 */
export const MESSAGE_MARKS = [...STORED_MARKS, 'schema'] as const
export type MessageMark = (typeof MESSAGE_MARKS)[number]
