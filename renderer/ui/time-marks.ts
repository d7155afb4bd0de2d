/** Something that happened at a time or over a stretch of it, to be seen on the scrubber. */
export interface TimeMark {
  id: string
  /** Ms since the epoch. */
  from: number
  /** Null while it lasts. */
  to: number | null
  /** What it is, in words. */
  label: string
  isGrave: boolean
}
