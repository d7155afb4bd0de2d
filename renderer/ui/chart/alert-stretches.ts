import type { Severity } from '../../../shared/rules/rule.ts'

/** What of an alert a picture is made from. Times are ms since the epoch. */
export interface DrawnAlert {
  /** Since when it fires. */
  from: number
  /** When it ended; without end where it runs on beyond what is drawn. */
  to: number
  severity: Severity
}

/** A stretch in which something fires, and the worst of it. */
export type AlertSpan = DrawnAlert

/** Alerts that begin so close together that one mark stands for them. */
export interface AlertFlag<Alert extends DrawnAlert = DrawnAlert> {
  /** Where the first of them begins. */
  at: number
  /** The worst of them. */
  severity: Severity
  /** In the order in which they began. */
  alerts: readonly Alert[]
}

/** Height of a mark, px. */
export const FLAG_PX = 13
/** Marks that would stand closer than this are one. */
export const FLAG_MERGE_PX = 38
/** More than this is told as such: what is exact stands in the list. */
const MAX_TOLD_COUNT = 99
const COUNT_GAP_PX = 3
const COUNT_PADDING_PX = 4
const PX_PER_DIGIT = 6
/** A hand need not hit a mark to the pixel. */
const REACH_PX = 2

const RANK: Record<Severity, number> = { info: 0, warning: 1, critical: 2 }

function worse(a: Severity, b: Severity): Severity {
  return RANK[b] > RANK[a] ? b : a
}

/** When anything fires, and the worst of it at each moment: stretches that do not overlap, in the order of time. */
export function alertSpans(alerts: readonly DrawnAlert[]): AlertSpan[] {
  const edges = alerts
    .flatMap(({ from, to, severity }) => [
      { at: from, rank: RANK[severity], by: 1 },
      // What is over at once is seen where it was.
      { at: Math.max(from, to), rank: RANK[severity], by: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.by - a.by)
  const open = [0, 0, 0]
  const spans: AlertSpan[] = []
  let current = null as AlertSpan | null
  for (const { at, rank, by } of edges) {
    open[rank] = (open[rank] ?? 0) + by
    const severity = worstOf(open)
    if (severity === (current?.severity ?? null)) continue
    if (current !== null) {
      current.to = at
      // Of two that begin in one moment the worse one counts from there.
      if (current.to > current.from || severity === null) spans.push(current)
    }
    current = severity === null ? null : { from: at, to: at, severity }
  }
  return spans
}

function worstOf(open: readonly number[]): Severity | null {
  if ((open[2] ?? 0) > 0) return 'critical'
  if ((open[1] ?? 0) > 0) return 'warning'
  return (open[0] ?? 0) > 0 ? 'info' : null
}

/**
 * One mark for each alert, and one with a number for those that would lie on each other. Depends on the zoom and not on
 * where the window is, so that marks neither part nor join while time is moved.
 */
export function alertFlags<Alert extends DrawnAlert>(
  alerts: readonly Alert[],
  pxPerMs: number,
): AlertFlag<Alert>[] {
  const flags: { at: number; severity: Severity; alerts: Alert[] }[] = []
  for (const alert of [...alerts].sort((a, b) => a.from - b.from)) {
    const last = flags.at(-1)
    if (last !== undefined && (alert.from - last.at) * pxPerMs < FLAG_MERGE_PX) {
      last.alerts.push(alert)
      last.severity = worse(last.severity, alert.severity)
    } else flags.push({ at: alert.from, severity: alert.severity, alerts: [alert] })
  }
  return flags
}

/** What is written beside the sign of a mark; nothing where it stands for one alert. */
export function flagCount({ alerts }: Pick<AlertFlag, 'alerts'>): string {
  if (alerts.length === 1) return ''
  return alerts.length > MAX_TOLD_COUNT ? `${MAX_TOLD_COUNT}+` : String(alerts.length)
}

/** How far a mark reaches to the left and the right of where its first alert begins, px. */
export function flagExtent(flag: Pick<AlertFlag, 'alerts'>): { left: number; right: number } {
  const count = flagCount(flag)
  const half = FLAG_PX / 2
  if (count === '') return { left: half, right: half }
  return { left: half, right: half + COUNT_GAP_PX + count.length * PX_PER_DIGIT + COUNT_PADDING_PX }
}

/** The mark at a position of a plot, px from where time `frame.from` stands; undefined beside all of them. */
export function flagAt<Alert extends DrawnAlert>(
  frame: { from: number; alerts: readonly Alert[] },
  pxPerMs: number,
  position: { x: number; y: number },
): AlertFlag<Alert> | undefined {
  if (position.y > FLAG_PX + REACH_PX) return undefined
  // The one that was drawn last lies on top.
  return alertFlags(frame.alerts, pxPerMs).findLast((flag) => {
    const distance = position.x - (flag.at - frame.from) * pxPerMs
    const { left, right } = flagExtent(flag)
    return distance >= -left - REACH_PX && distance <= right + REACH_PX
  })
}

/** Whether something of an alert lies between two times. */
export function isAlertWithin(
  { from, to }: Pick<DrawnAlert, 'from' | 'to'>,
  start: number,
  end: number,
): boolean {
  return from <= end && to >= start
}
