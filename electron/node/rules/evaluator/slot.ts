/**
 * What one rule remembers of one publisher, or of a whole part. Plain numbers and texts: it is put on disk as it is.
 * Times are message time, ms; -1 stands for never.
 */
export interface Slot {
  /** The condition holds. */
  active: boolean
  /** Names the alert. */
  alert: string
  since: number
  firing: boolean
  /** The condition of an event ends here by itself. */
  endsAt: number
  /** What was seen when it began. */
  sentence: string
  shown: number | string | null
  /** The newest value of the field, and when it came; for `stuck`: when it became what it is. */
  value: number | string | boolean | null
  at: number
  /** Growth in each slice of a sliding window, newest last, and the number of the newest slice; for `lag`: the usual pause, ms. */
  slices: number[] | null
  slice: number
}

export function newSlot(): Slot {
  return {
    active: false,
    alert: '',
    since: -1,
    firing: false,
    endsAt: -1,
    sentence: '',
    shown: null,
    value: null,
    at: -1,
    slices: null,
    slice: -1,
  }
}

/** Everything rules remember of one publisher. */
export interface Track {
  publisher: string | null
  /** Its first sign of life and its newest, ms; -1 while there was none. */
  bornAt: number
  heardAt: number
  /** Silence rules whose condition holds. */
  silent: number
  /** Conditions of any kind that hold. */
  open: number
  /** By index of the rule. */
  slots: (Slot | undefined)[]
  /** Messages in the current window, by index of the rule; only of frequency rules. */
  counts: number[]
  /** The newest message of each message chain. */
  chains: Map<string, { timestamp: number; sequence: number }>
  /** Time of the newest message with a value, by index of the field: an older one that comes late is not judged. */
  fieldAt: number[]
}

export function newTrack(publisher: string | null): Track {
  return {
    publisher,
    bornAt: -1,
    heardAt: -1,
    silent: 0,
    open: 0,
    slots: [],
    counts: [],
    chains: new Map(),
    fieldAt: [],
  }
}
