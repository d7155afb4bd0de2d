import { useEffect, useRef } from 'react'
import { createExternalStore, useExternalStore } from './external-store.ts'
import { keyOf, matchKeys, type Shortcut } from './key-sequence.ts'

export type { Shortcut } from './key-sequence.ts'

/** A second key that comes later than this begins a new sequence. */
const SEQUENCE_TIMEOUT_MS = 1_200

const registered = createExternalStore<readonly Shortcut[]>([])

function isSwitch(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && (target.type === 'radio' || target.type === 'checkbox')
}

/** Keys that a control under the focus wants for itself. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  // With Ctrl or Cmd held a key is no text, and the few we take are ours everywhere; what is typed has its own undo.
  if (key.startsWith('mod+')) return /^mod\+[zy]$/.test(key) && target.closest('input, textarea') !== null
  if (target.closest('[role="dialog"], [role="listbox"], [role="menu"]') !== null) return true
  if (target.isContentEditable || target.closest('input, textarea, select') !== null) {
    // A switch takes no text: of the keys it wants its own alone.
    return !isSwitch(target) || /^(shift\+)?(Space|Enter|Arrow|Home|End|Page)/.test(key)
  }
  const wantsArrows = target.closest(
    '[role="slider"], [role="application"], [role="grid"], [role="radiogroup"]',
  )
  if (wantsArrows !== null && /^(shift\+)?(Arrow|Home|End|Page)/.test(key)) return true
  const isPressable = target.closest('button, a, [role="button"], summary') !== null
  return isPressable && (key === 'Enter' || key === 'Space')
}

let pressed: string[] = []
let pressedAt = 0

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  const key = keyOf(event)
  if (isTaken(event.target, key)) return
  if (event.timeStamp - pressedAt > SEQUENCE_TIMEOUT_MS) pressed = []
  pressedAt = event.timeStamp
  const shortcuts = registered.get()
  let match = matchKeys([...pressed, key], shortcuts)
  if (match.found === null && !match.isPrefix) {
    pressed = []
    match = matchKeys([key], shortcuts)
  }
  if (match.found !== null) {
    event.preventDefault()
    pressed = []
    match.found.run()
  } else if (match.isPrefix) {
    pressed.push(key)
  }
}

/** Makes shortcuts available while the component is there. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  const ids = shortcuts.map((shortcut) => shortcut.id).join(' ')
  useEffect(() => {
    const names = ids === '' ? [] : ids.split(' ')
    // What runs is looked up at the press, so that nothing is registered anew with each render.
    const mine = names.flatMap((id): Shortcut[] => {
      const known = latest.current.find((shortcut) => shortcut.id === id)
      const run = () => latest.current.find((shortcut) => shortcut.id === id)?.run()
      return known === undefined ? [] : [{ ...known, run }]
    })
    if (registered.get().length === 0) addEventListener('keydown', onKeyDown)
    registered.set([...registered.get(), ...mine])
    return () => {
      registered.set(registered.get().filter((shortcut) => !mine.includes(shortcut)))
      if (registered.get().length === 0) removeEventListener('keydown', onKeyDown)
    }
  }, [ids])
}

/** Everything that can be done by keyboard at the moment. */
export function useRegisteredShortcuts(): readonly Shortcut[] {
  return useExternalStore(registered)
}

/** Runs a command by its name, as a menu does. Says whether it was there to run. */
export function runCommand(id: string): boolean {
  const shortcut = registered.get().findLast((candidate) => candidate.id === id)
  shortcut?.run()
  return shortcut !== undefined
}
