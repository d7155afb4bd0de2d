/** One thing that can be done by keyboard. `keys` are pressed one after the other. */
export interface Shortcut {
  /** Stable name, by which menus and the palette call it as well. */
  id: string
  keys: readonly string[]
  label: string
  group: string
  run: () => void
}

/** What is read of a key press; the browser's `KeyboardEvent` has it all. */
export interface KeyPress {
  key: string
  metaKey: boolean
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** What the keys pressed so far lead to: a shortcut, the beginning of some, or nothing. */
export function matchKeys(
  pressed: readonly string[],
  shortcuts: readonly Shortcut[],
): { found: Shortcut | null; isPrefix: boolean } {
  const begins = shortcuts.filter((shortcut) => pressed.every((key, index) => shortcut.keys[index] === key))
  // Of two with the same keys the one that was registered last is nearer to what is on screen.
  const found = begins.findLast((shortcut) => shortcut.keys.length === pressed.length) ?? null
  return { found, isPrefix: begins.some((shortcut) => shortcut.keys.length > pressed.length) }
}

/** The name a key press has in `Shortcut.keys`. */
export function keyOf(event: KeyPress): string {
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key
  const isNamed = event.key.length > 1
  return `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${event.shiftKey && isNamed ? 'shift+' : ''}${key}`
}
