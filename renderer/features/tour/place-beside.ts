interface Box {
  left: number
  top: number
  width: number
  height: number
}

export interface Place {
  left: number
  top: number
  /** Where the frame around what is pointed at goes; null where that is not there. */
  mark: Box | null
}

const GAP_PX = 14
const MARK_PX = 4

/** Where a card goes that speaks of a part of the page: beside it where there is room, within the window always. */
export function placeBeside(
  target: Box | null,
  card: { width: number; height: number },
  within: { width: number; height: number },
): Place {
  const inside = (value: number, size: number, all: number) =>
    Math.max(GAP_PX, Math.min(value, all - size - GAP_PX))
  if (target === null || target.width === 0 || target.height === 0) {
    return { left: (within.width - card.width) / 2, top: (within.height - card.height) / 2, mark: null }
  }
  const right = target.left + target.width + GAP_PX
  const below = target.top + target.height + GAP_PX
  const hasRoomRight = right + card.width + GAP_PX <= within.width
  const hasRoomBelow = below + card.height + GAP_PX <= within.height
  const hasRoomAbove = target.top - card.height - GAP_PX >= GAP_PX
  const left = hasRoomRight
    ? right
    : hasRoomBelow || hasRoomAbove
      ? target.left
      : target.left + (target.width - card.width) / 2
  const top = hasRoomRight
    ? target.top + Math.max(0, (target.height - card.height) / 2)
    : hasRoomBelow
      ? below
      : hasRoomAbove
        ? target.top - card.height - GAP_PX
        : target.top + (target.height - card.height) / 2
  return {
    left: inside(left, card.width, within.width),
    top: inside(top, card.height, within.height),
    mark: {
      left: target.left - MARK_PX,
      top: target.top - MARK_PX,
      width: target.width + 2 * MARK_PX,
      height: target.height + 2 * MARK_PX,
    },
  }
}
