/** What is said of a message beside its verdict, and can be asked for: see `Selection.marks` of the store. */
export const MESSAGE_MARKS = ['equivocation', 'clock'] as const
export type MessageMark = (typeof MESSAGE_MARKS)[number]
