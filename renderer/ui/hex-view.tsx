import { Button } from '@mantine/core'
import { useState } from 'react'
import classes from './hex-view.module.css'

const BYTES_PER_LINE = 16
/** What is shown at first, and added by each press: enough to read, little enough to lay out at once. */
const LINES_PER_STEP = 64

interface HexLine {
  offset: string
  hex: string
  text: string
}

/** Lines of a hex dump; `hex` is lower-case without `0x`. */
export function hexLines(hex: string, fromLine: number, toLine: number): HexLine[] {
  const lines: HexLine[] = []
  for (let line = fromLine; line < toLine; line += 1) {
    const part = hex.slice(line * BYTES_PER_LINE * 2, (line + 1) * BYTES_PER_LINE * 2)
    if (part === '') break
    const bytes = part.match(/../g) ?? []
    lines.push({
      offset: (line * BYTES_PER_LINE).toString(16).padStart(6, '0'),
      hex: bytes.map((byte, index) => (index === 8 ? ` ${byte}` : byte)).join(' '),
      text: bytes
        .map((byte) => {
          const code = Number.parseInt(byte, 16)
          return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·'
        })
        .join(''),
    })
  }
  return lines
}

export function HexView({ hex, label }: { hex: string; label: string }) {
  const [steps, setSteps] = useState(1)
  const total = Math.ceil(hex.length / (BYTES_PER_LINE * 2))
  const shown = Math.min(total, steps * LINES_PER_STEP)
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.dump} aria-label={label} tabIndex={0}>
        {hexLines(hex, 0, shown).map((line) => (
          <div key={line.offset} className={classes.line}>
            <span className={classes.offset}>{line.offset}</span>
            <span>{line.hex}</span>
            <span className={classes.text}>{line.text}</span>
          </div>
        ))}
      </section>
      {shown < total ? (
        <Button variant="subtle" size="xs" onClick={() => setSteps(steps + 1)}>
          Show more of {hex.length / 2} bytes
        </Button>
      ) : null}
    </div>
  )
}
