import type { Severity } from './rule.ts'

/**
 * `pending`: the condition holds, not yet for as long as the rule asks. `firing`: it holds. `resolved`: it held and
 * does no longer. A pending alert whose condition ends leaves no trace.
 */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]

/** Why an alert ended: its condition did, or the rule was changed or removed. */
export type AlertEnd = 'condition' | 'rule'

/** One stretch in which a rule's condition held for one publisher, or for a whole stream part. */
export interface AlertView {
  id: string
  ruleId: string
  /** The rule's name and severity, as they are now or last were. */
  rule: string
  severity: Severity
  part: string
  /** Null where the alert is about the stream part as a whole. */
  publisher: string | null
  state: AlertState
  /** Message time, ms: since when the condition holds, since when it fires, when it ended. */
  since: number
  firedAt: number | null
  resolvedAt: number | null
  endedBy: AlertEnd | null
  /** What was seen when it began, as a sentence. */
  sentence: string
  /** The value that began it, where there is one. */
  value: number | string | null
  acknowledgedAt: number | null
  /** A silence covers it now: its channels are not told. */
  isSilenced: boolean
  note: string
}

export interface AlertCounts {
  firing: number
  pending: number
  acknowledged: number
  worst: Severity | null
}

/** A stretch to mark on a timeline or a chart, by message time: since when it fires, and when it ended; null while it lasts. */
export interface AlertMark {
  id: string
  rule: string
  severity: Severity
  publisher: string | null
  from: number
  to: number | null
}

/** Mutes the channels for what it matches, up to its end. */
export interface SilenceView {
  id: number
  /** Null matches every rule; likewise every publisher. */
  ruleId: string | null
  publisher: string | null
  reason: string
  createdAt: number
  endsAt: number
}
