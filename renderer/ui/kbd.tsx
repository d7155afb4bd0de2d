import classes from './kbd.module.css'

const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

/** The name of a key as this machine's keyboard has it. */
export function keyName(key: string): string {
  if (key === 'mod') return isApple ? '⌘' : 'Ctrl'
  if (key === 'Left') return '←'
  if (key === 'Right') return '→'
  return key.length === 1 ? key.toUpperCase() : key
}

/** `mod+k` as the keys that are held; the plus key itself is one of them. */
export function splitHeld(press: string): string[] {
  return press === '+' ? ['+'] : press.replace('Arrow', '').split('+')
}

/** Keys to press together, or one after the other where `then` is set. */
export function Kbd({ keys, then = false }: { keys: readonly string[]; then?: boolean }) {
  return (
    <span className={classes.keys}>
      {keys.map((key, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be named twice, in a fixed order
        <span key={`${key}${index}`} className={classes.step}>
          {index > 0 && then ? <span className={classes.then}>then</span> : null}
          <kbd>{keyName(key)}</kbd>
        </span>
      ))}
    </span>
  )
}
