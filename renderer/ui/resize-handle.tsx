import type { KeyboardEvent, PointerEvent } from 'react'
import { useRef } from 'react'
import classes from './resize-handle.module.css'

const KEY_STEP_PX = 16

export interface ResizeHandleProps {
  label: string
  value: number
  min: number
  max: number
  onChange(value: number): void
}

/** The left edge of a pane at the right, to be dragged or moved by arrow keys. */
export function ResizeHandle({ label, value, min, max, onChange }: ResizeHandleProps) {
  const press = useRef<{ x: number; value: number } | null>(null)
  const set = (next: number) => onChange(Math.round(Math.min(max, Math.max(min, next))))

  function onPointerMove(event: PointerEvent): void {
    if (press.current !== null) set(press.current.value + press.current.x - event.clientX)
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'ArrowLeft') set(value + KEY_STEP_PX)
    else if (event.key === 'ArrowRight') set(value - KEY_STEP_PX)
    else if (event.key === 'Home') set(max)
    else if (event.key === 'End') set(min)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <div
      className={classes.handle}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        press.current = { x: event.clientX, value }
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        press.current = null
      }}
    />
  )
}
