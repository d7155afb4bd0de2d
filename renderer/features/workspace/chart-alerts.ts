import type { AlertMark } from '../../../shared/rules/alert.ts'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import type { ExternalStore } from '../../ui/external-store.ts'
import { visibleText } from '../../ui/visible-text.ts'
import type { TransportMoment } from './transport.ts'

/** The end of all time, ms: nothing later is asked. */
const MAX_TIMESTAMP_MS = 8_640_000_000_000_000

/** Alerts by stream part, about the window that is shown. */
export type AlertsByPart = ReadonlyMap<string, readonly ChartAlert[]>

const NONE: readonly ChartAlert[] = []

export function toChartAlert(
  { id, rule, severity, publisher, from, to }: AlertMark,
  part: string,
): ChartAlert {
  return {
    id,
    part,
    publisher,
    rule,
    severity,
    from,
    to: to ?? Number.POSITIVE_INFINITY,
    isFiring: to === null,
  }
}

/** An alert in a few words. */
export function alertWords({ rule, isFiring }: Pick<ChartAlert, 'rule' | 'isFiring'>): string {
  return `Alert: ${visibleText(rule)}, ${isFiring ? 'firing' : 'resolved'}`
}

/**
 * The stretch whose alerts are read for a window: whole multiples of a power of two, so that time goes on for as long
 * as a window before anything is asked anew, and all windows of one zoom ask the same.
 */
export function alertStretch(window: { from: number; to: number }): { from: number; to: number } {
  const span = Math.max(1, window.to - window.from)
  const step = 2 ** Math.ceil(Math.log2(span))
  return {
    // Panels are drawn up to a window beyond their own on each side.
    from: Math.max(0, Math.floor((window.from - span) / step) * step),
    to: Math.min(MAX_TIMESTAMP_MS, Math.ceil((window.to + span) / step) * step),
  }
}

export interface PanelAlerts {
  /** The same list as before while nothing has changed. */
  read(moment: Pick<TransportMoment, 'mode' | 'from' | 'to'>): readonly ChartAlert[]
}

/** What a panel draws: a stream part, and of it all publishers or one. */
export interface DrawnSource {
  part: string
  publisher: string | null
}

/** Of all alerts those that are about what a panel draws. */
export function createPanelAlerts(
  sources: readonly DrawnSource[],
  store: ExternalStore<AlertsByPart>,
  now: () => number = Date.now,
): PanelAlerts {
  const parts = [...new Set(sources.map(({ part }) => part))]
  let known: { lists: readonly (readonly ChartAlert[])[]; end: number; alerts: readonly ChartAlert[] } = {
    lists: [],
    end: Number.POSITIVE_INFINITY,
    alerts: NONE,
  }

  function isDrawn({ part, publisher }: ChartAlert): boolean {
    return sources.some(
      (source) =>
        source.part === part &&
        (publisher === null || source.publisher === null || source.publisher === publisher),
    )
  }

  /** Where what still fires ends in a window that reaches beyond the present: nobody knows what comes then. */
  function endIn({ mode, from, to }: Pick<TransportMoment, 'mode' | 'from' | 'to'>): number {
    const present = now()
    if (mode === 'live' || to <= present) return Number.POSITIVE_INFINITY
    // By the thousandth of a window, so that not every frame is another picture.
    const step = Math.max(1, (to - from) / 1_000)
    return Math.floor(present / step) * step
  }

  return {
    read(moment) {
      const lists = parts.map((part) => store.get().get(part) ?? NONE)
      const isAnyFiring = lists.some((list) => list.some(({ isFiring }) => isFiring))
      const end = isAnyFiring ? endIn(moment) : Number.POSITIVE_INFINITY
      const isSame =
        end === known.end &&
        lists.length === known.lists.length &&
        lists.every((list, index) => list === known.lists[index])
      if (isSame) return known.alerts
      const alerts = lists
        .flat()
        .filter(isDrawn)
        .map((alert) => (alert.isFiring ? { ...alert, to: Math.max(alert.from, end) } : alert))
      known = { lists, end, alerts: alerts.length === 0 ? NONE : alerts }
      return known.alerts
    },
  }
}
