/** What a rule would have done over history; `isDone` marks the last report. */
export interface PreviewReport {
  /** Alerts that would have fired, and how many of them would be firing still. */
  fired: number
  stillFiring: number
  /** The first of them. Times are message time, ms. */
  alerts: {
    publisher: string | null
    since: number
    firedAt: number
    resolvedAt: number | null
    sentence: string
  }[]
  messages: number
  /** Message time that was reached. */
  upTo: number
  isDone: boolean
  /** It ended before the end of the range, because there was too much to look through. */
  isCut: boolean
}
