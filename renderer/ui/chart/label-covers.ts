import type { TimeLabel } from './plot.ts'

/** What of an element is used here. */
export interface CoverElement {
  dataset: Record<string, string | undefined>
  style: { width: string; visibility: string }
}

/** Lie over the ends of the row of times, in the colour of the panel. */
export interface LabelCovers {
  left: CoverElement
  right: CoverElement
}

/** Room left beside the words that are covered, px. */
const ROOM_PX = 3

/** The label that lies across a time, if there is one. */
function labelAcross(labels: readonly TimeLabel[], at: number, pxPerMs: number): TimeLabel | undefined {
  return labels.find((label) => Math.abs(label.at - at) * pxPerMs < label.halfPx)
}

/** Hides the words that the edges of the plot would cut, so that half a time is never read as another. */
export function hideCutLabels(
  covers: LabelCovers,
  labels: readonly TimeLabel[],
  { from, to }: { from: number; to: number },
  plotPx: number,
): void {
  const pxPerMs = plotPx / (to - from)
  cover(covers.left, labelAcross(labels, from, pxPerMs))
  cover(covers.right, labelAcross(labels, to, pxPerMs))
}

function cover(element: CoverElement, label: TimeLabel | undefined): void {
  const width = label === undefined ? '' : `${Math.ceil(label.halfPx * 2 + ROOM_PX)}px`
  // Styles are written when they change: most frames change none.
  if (element.dataset.width === width) return
  element.dataset.width = width
  element.style.width = width
  element.style.visibility = label === undefined ? 'hidden' : 'visible'
}
