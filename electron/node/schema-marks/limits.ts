/** What is counted together and compared with the store, ms: a level of the store's pyramid. */
export const SLOT_MS = 600_000
/** Within a slot it is told by the second what has to be read again, ms: the finest level of the pyramid. */
export const SECOND_MS = 1_000
/** Between the two, for timelines of a day, ms. */
export const MINUTE_MS = 60_000
/** Slots compared with the store at a time: four weeks. */
export const SLOTS_AT_ONCE = 4_096
/** Contents read at a time: a page of the largest ones stays within a hundred megabytes. */
export const CONTENTS_AT_ONCE = 128
/** One turn of the thread that reads contents, ms: a timeline that asks meanwhile waits no longer. */
export const STEP_MS = 20
/** Pause behind each turn, ms: history is read with half a core at most. */
export const PAUSE_MS = 20
/** Seconds that are remembered with what was there, over all stream parts: about a hundred bytes each. */
export const MAX_REMEMBERED_SECONDS = 100_000
/** Wait after something was stored, ms: what comes meanwhile is read in one go. */
export const LOOK_AFTER_MS = 1_000
/** Schemas are asked for again so often, ms; changes that the registry tells of are looked at at once. */
export const SCHEMA_REFRESH_MS = 60_000
/** All is compared with the store so often, ms: what others write into a shared database, and what retention takes. */
export const LOOK_AT_ALL_MS = 600_000
/** Wait after a failure, ms. */
export const RETRY_MS = 5_000
/** Stream parts whose schemas are followed. */
export const MAX_FOLLOWED_PARTS = 1_000
