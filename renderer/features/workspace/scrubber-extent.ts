/** The stretch of history the scrubber spans: around the window by itself, all there is, or as zoomed by hand. */
export type ExtentChoice = { kind: 'auto' } | { kind: 'all' } | { kind: 'fixed'; from: number; to: number }

export interface Extent {
  from: number
  to: number
}

/** By itself the scrubber shows so many windows of history. */
const AUTO_WINDOWS = 24
/** A window takes at least this share, or its handle could not be gripped. */
const LEAST_SPAN_MS = 1_000

export interface ExtentInput {
  choice: ExtentChoice
  window: Extent
  /** First stored message; null when nothing is stored. */
  first: number | null
  now: number
}

/** What the scrubber spans; never empty, and in `auto` always with the window in it. */
export function scrubberExtent({ choice, window, first, now }: ExtentInput): Extent {
  const start = Math.min(first ?? window.from, now - LEAST_SPAN_MS)
  switch (choice.kind) {
    case 'fixed':
      return { from: choice.from, to: choice.to }
    case 'all':
      return { from: Math.min(start, window.from), to: Math.max(now, window.to) }
    case 'auto': {
      const reach = Math.max(start, Math.max(now, window.to) - AUTO_WINDOWS * (window.to - window.from))
      return { from: Math.min(reach, window.from), to: Math.max(now, window.to) }
    }
  }
}

/** The extent made `factor` times as long about a time, kept from growing past all there is. */
export function zoomExtent(extent: Extent, factor: number, at: number, whole: Extent): ExtentChoice {
  const span = Math.max(LEAST_SPAN_MS, (extent.to - extent.from) * factor)
  if (span >= whole.to - whole.from) return { kind: 'all' }
  const share = (at - extent.from) / (extent.to - extent.from)
  const from = Math.max(whole.from, Math.min(whole.to - span, at - share * span))
  return { kind: 'fixed', from, to: from + span }
}

/** Moves a fixed extent along when the window or the playhead leaves it. */
export function keepInSight(extent: Extent, at: number): Extent {
  const span = extent.to - extent.from
  if (at < extent.from) return { from: at - span * 0.1, to: at + span * 0.9 }
  if (at > extent.to) return { from: at - span * 0.9, to: at + span * 0.1 }
  return extent
}
