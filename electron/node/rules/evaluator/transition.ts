/**
 * One step of an alert. `alert` names it the same whenever the same messages are judged by the same rule, so a step
 * that is taken again after a crash is recognised. `dropped`: it was pending and its condition ended.
 */
export interface Transition {
  alert: string
  rule: string
  publisher: string | null
  to: 'pending' | 'firing' | 'resolved' | 'dropped'
  /** Message time, ms. */
  at: number
  since: number
  sentence: string
  value: number | string | null
}
