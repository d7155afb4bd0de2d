import { type RefObject, useEffect, useRef } from 'react'

/** A press that moves further than this is a drag and no click. */
const DRAG_THRESHOLD_PX = 4
const ZOOM_PER_WHEEL_PX = 0.0016
/** One notch of a wheel that counts in lines or pages. */
const WHEEL_LINE_PX = 16

export interface ChartGestures {
  /** Where the pointer is, in the panel; null when it has left. */
  point(position: { x: number; y: number } | null): void
  click(position: { x: number; y: number }): void
  /** Moves time with the pointer, `deltaPx` to the right. */
  pan(deltaPx: number): void
  /** Makes the window `factor` times as long, about position `x`. */
  zoom(factor: number, x: number): void
}

/** Pointer and wheel on a chart: move, click, drag to pan, wheel to zoom, sideways wheel to pan. */
export function useChartGestures(target: RefObject<HTMLElement | null>, gestures: ChartGestures): void {
  const latest = useRef(gestures)
  useEffect(() => {
    latest.current = gestures
  })
  useEffect(() => {
    const element = target.current
    if (element === null) return
    let press: { id: number; x: number; y: number; lastX: number; isDrag: boolean } | null = null

    const positionOf = (event: PointerEvent | WheelEvent) => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return
      const { x, y } = positionOf(event)
      press = { id: event.pointerId, x, y, lastX: x, isDrag: false }
    }
    const onMove = (event: PointerEvent) => {
      const position = positionOf(event)
      if (press?.id === event.pointerId) {
        if (!press.isDrag && Math.hypot(position.x - press.x, position.y - press.y) > DRAG_THRESHOLD_PX) {
          press.isDrag = true
          element.setPointerCapture(event.pointerId)
          element.dataset.dragging = 'true'
        }
        if (press.isDrag) {
          latest.current.pan(position.x - press.lastX)
          press.lastX = position.x
        }
      }
      latest.current.point(position)
    }
    const onUp = (event: PointerEvent) => {
      if (press?.id !== event.pointerId) return
      const wasDrag = press.isDrag
      press = null
      delete element.dataset.dragging
      if (!wasDrag) latest.current.click(positionOf(event))
    }
    const onCancel = () => {
      press = null
      delete element.dataset.dragging
    }
    const onLeave = () => {
      if (press === null) latest.current.point(null)
    }
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : WHEEL_LINE_PX
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
        latest.current.pan(-sideways * unit)
      else latest.current.zoom(Math.exp(event.deltaY * unit * ZOOM_PER_WHEEL_PX), positionOf(event).x)
    }

    element.addEventListener('pointerdown', onDown)
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onCancel)
    element.addEventListener('pointerleave', onLeave)
    // React listens to wheels passively; a chart must keep the page from scrolling.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onCancel)
      element.removeEventListener('pointerleave', onLeave)
      element.removeEventListener('wheel', onWheel)
    }
  }, [target])
}
