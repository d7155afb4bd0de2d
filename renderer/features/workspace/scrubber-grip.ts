import type { Extent } from './scrubber-extent.ts'
import type { Transport, TransportMoment } from './transport.ts'

/** How near the pointer must be to an edge or the playhead to grip it. */
const GRIP_PX = 6
/** Less movement than this is a click. */
const CLICK_PX = 3

export type GripKind = 'playhead' | 'from' | 'to' | 'window' | 'elsewhere'

/** A drag under way: what it holds, and what moving and letting go of it do. */
export interface ScrubberDrag {
  kind: GripKind
  move(at: number, transport: Transport): ScrubberDrag
  drop(at: number, transport: Transport): void
}

export interface GripInput {
  x: number
  widthPx: number
  at: number
  extent: Extent
  moment: TransportMoment
}

export function gripKind({ x, widthPx, extent, moment }: Omit<GripInput, 'at'>): GripKind {
  const px = (at: number) => ((at - extent.from) / (extent.to - extent.from)) * widthPx
  const isNear = (at: number) => Math.abs(px(at) - x) <= GRIP_PX
  if (moment.playhead !== null && isNear(moment.playhead)) return 'playhead'
  // Too narrow a window is moved rather than resized.
  const hasEdges = px(moment.to) - px(moment.from) > GRIP_PX * 4
  if (hasEdges && isNear(moment.from)) return 'from'
  if (hasEdges && moment.mode !== 'live' && isNear(moment.to)) return 'to'
  return x >= px(moment.from) && x <= px(moment.to) ? 'window' : 'elsewhere'
}

/** Grips what is under the pointer: the playhead, an edge of the window, the window, or a time to go to. */
export function scrubberGrip(input: GripInput): ScrubberDrag {
  const kind = gripKind(input)
  const msPerPx = (input.extent.to - input.extent.from) / input.widthPx
  return hold(kind, input.at, input.at, CLICK_PX * msPerPx, false)
}

function hold(kind: GripKind, start: number, last: number, clickMs: number, hasMoved: boolean): ScrubberDrag {
  return {
    kind,
    move(at, transport) {
      const moved = hasMoved || Math.abs(at - start) > clickMs
      if (!moved) return this
      const { from, to, mode } = transport.now()
      switch (kind) {
        case 'playhead':
        case 'elsewhere':
          transport.seek(at)
          break
        case 'from':
          // The end of a live window stays where it is: now.
          if (mode === 'live') transport.zoom((to - at) / (to - from), to)
          else transport.setWindow(Math.min(at, to - 1), to)
          break
        case 'to':
          transport.setWindow(from, Math.max(at, from + 1))
          break
        case 'window':
          transport.pan(at - last)
          break
      }
      return hold(kind, start, at, clickMs, true)
    },
    drop(at, transport) {
      if (!hasMoved && (kind === 'window' || kind === 'elsewhere')) transport.seek(at)
    },
  }
}
