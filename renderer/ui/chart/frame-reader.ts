import type { ChartFrame } from './frame.ts'

/** What of a frame is known without a look at the data. */
export type ChartMoment = Pick<ChartFrame, 'from' | 'to' | 'playhead'>

/** While only time moves, data is looked at so often, ms: in between, what is known is moved along. */
export const READ_EVERY_MS = 250
/** Whatever has not moved for so long is at rest, ms. */
export const REST_MS = 100

export interface FrameReaderOptions {
  read(): ChartFrame
  moment(): ChartMoment
  /** Whether a moment shows what has to be painted anew. */
  isDue(moment: ChartMoment): boolean
  hasRoom(): boolean
  /** Asks for the next frame. */
  request(): void
  now?: () => number
}

/** Looks at the data as often as it must: with many panels that is most of the work of a frame. */
export interface FrameReader {
  /** What is drawn now; null until there is room for the first look at the data. */
  next(): { frame: ChartFrame; isRead: boolean } | null
  /** Something other than time has changed. */
  changed(): void
  dispose(): void
}

function isSameMoment(a: ChartMoment, b: ChartMoment): boolean {
  return a.from === b.from && a.to === b.to && a.playhead === b.playhead
}

export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { read, moment, isDue, hasRoom, request, now = () => performance.now() } = options
  let known: ChartFrame | null = null
  let isChanged = true
  let readAt = Number.NEGATIVE_INFINITY
  let movedAt = Number.NEGATIVE_INFINITY
  let last: ChartMoment | null = null
  let rest: ReturnType<typeof setTimeout> | undefined

  function changed(): void {
    isChanged = true
    request()
  }

  /** What has come to rest is looked at a last time; what still moves is waited for. */
  function settle(): void {
    const left = movedAt + REST_MS - now()
    rest = left > 0 ? setTimeout(settle, left) : undefined
    if (left <= 0) changed()
  }

  return {
    next() {
      const at = moment()
      const isMoved = known === null || !isSameMoment(known, at)
      if (last === null || !isSameMoment(last, at)) movedAt = now()
      last = at
      const isWanted = isChanged || isDue(at) || (isMoved && now() - readAt >= READ_EVERY_MS)
      if (isWanted && hasRoom()) {
        clearTimeout(rest)
        rest = undefined
        isChanged = false
        readAt = now()
        known = read()
        return { frame: known, isRead: true }
      }
      if (isWanted) request()
      else if (isMoved) rest ??= setTimeout(settle, REST_MS)
      if (known === null) return null
      return { frame: isMoved ? { ...known, ...at } : known, isRead: false }
    },
    changed,
    dispose: () => clearTimeout(rest),
  }
}
