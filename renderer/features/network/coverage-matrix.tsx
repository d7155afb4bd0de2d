import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import type { CoverageMatrix, CoverageRow } from '../../api/network-types.ts'
import { prepareCanvas } from '../../ui/chart/canvas.ts'
import { useTimeZone } from '../../ui/preferences.ts'
import { useTokens } from '../../ui/use-tokens.ts'
import { matrixHeight, paintMatrix, ROW_PX } from './coverage-painter.ts'
import { shareHeld, totalHeld, unionRow } from './coverage-share.ts'
import classes from './network.module.css'

export interface CoverageMatrixViewProps {
  matrix: CoverageMatrix
  own: string
}

/** The picture of who holds what; a cell at a time is told in words below it, by pointer or arrow keys. */
export function CoverageMatrixView({ matrix, own }: CoverageMatrixViewProps) {
  const tokens = useTokens()
  const zone = useTimeZone()
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const [widthPx, setWidthPx] = useState(0)
  const [cursor, setCursor] = useState<{ row: number; bucket: number } | null>(null)
  const rows = [unionRow(matrix), ...matrix.rows]
  const buckets = matrix.atLeast.length

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (canvas.current === null || widthPx === 0) return
    const context = prepareCanvas(canvas.current, widthPx, matrixHeight(rows.length))
    if (context !== null) paintMatrix(context, { matrix, rows, widthPx, zone, cursor }, tokens)
  })

  function onKeyDown(event: KeyboardEvent): void {
    const { row, bucket } = cursor ?? { row: 0, bucket: buckets - 1 }
    const next = moved(event.key, row, bucket)
    if (next === null) return
    event.preventDefault()
    setCursor({
      row: Math.min(rows.length - 1, Math.max(0, next.row)),
      bucket: Math.min(buckets - 1, Math.max(0, next.bucket)),
    })
  }

  const told = cursor === null ? null : describeCell(matrix, rows, cursor, own)
  const when = cursor === null ? null : formatTimestamp(matrix.start + cursor.bucket * matrix.widthMs, zone)
  return (
    <>
      <div className={classes.matrix}>
        <ul className={classes.names}>
          {rows.map((row, index) => (
            <li key={row.peerId ?? index} style={{ height: ROW_PX }} title={row.why ?? row.address}>
              <span>{nameOf(row, index, own)}</span>
              <span className={classes.share}>{shareText(matrix, row)}</span>
            </li>
          ))}
        </ul>
        <div
          ref={box}
          className={classes.cells}
          role="slider"
          tabIndex={0}
          aria-label="Coverage by node and time; arrow keys walk through the cells"
          aria-valuemin={0}
          aria-valuemax={buckets - 1}
          aria-valuenow={cursor?.bucket ?? buckets - 1}
          aria-valuetext={told === null ? 'No cell chosen' : `${when}: ${told}`}
          onKeyDown={onKeyDown}
          onPointerMove={(event) => {
            const { left, top, width } = event.currentTarget.getBoundingClientRect()
            const row = Math.floor((event.clientY - top) / ROW_PX)
            const bucket = Math.floor(((event.clientX - left) / width) * buckets)
            setCursor(row < rows.length && bucket >= 0 && bucket < buckets ? { row, bucket } : null)
          }}
          onPointerLeave={() => setCursor(null)}
        >
          <canvas ref={canvas} aria-hidden style={{ height: matrixHeight(rows.length) }} />
        </div>
      </div>
      <p className={classes.told}>
        {told === null ? (
          'The stronger a cell, the larger the share held of what all hold together. Hatched: others hold, this one does not.'
        ) : (
          <>
            <time>{when}</time>: {told}
          </>
        )}
      </p>
    </>
  )
}

function moved(key: string, row: number, bucket: number): { row: number; bucket: number } | null {
  switch (key) {
    case 'ArrowLeft':
      return { row, bucket: bucket - 1 }
    case 'ArrowRight':
      return { row, bucket: bucket + 1 }
    case 'ArrowUp':
      return { row: row - 1, bucket }
    case 'ArrowDown':
      return { row: row + 1, bucket }
    case 'Home':
      return { row, bucket: 0 }
    case 'End':
      return { row, bucket: Number.MAX_SAFE_INTEGER }
    default:
      return null
  }
}

export function nameOf({ address }: CoverageRow, index: number, own: string): string {
  if (index === 0) return 'Together'
  return address === own ? 'This node' : shortenMiddle(address, 6, 4)
}

export function shareText(matrix: CoverageMatrix, { counts }: CoverageRow): string {
  const total = totalHeld(matrix, counts)
  if (total === null) return 'not told'
  return total.share === null ? '–' : `${Math.floor(total.share * 100)} %`
}

function describeCell(
  matrix: CoverageMatrix,
  rows: readonly CoverageRow[],
  { row, bucket }: { row: number; bucket: number },
  own: string,
): string {
  const chosen = rows[row]
  if (chosen === undefined) return ''
  const name = nameOf(chosen, row, own)
  if (chosen.counts === null) return `${name} did not say. ${chosen.why ?? ''}`
  const share = shareHeld(matrix, chosen, bucket)
  const union = formatCount(matrix.atLeast[bucket] ?? 0)
  if (share === null) return 'nobody holds anything'
  if (row === 0) return `together at least ${union} messages`
  return `${name} holds ${formatCount(chosen.counts[bucket] ?? 0)} of at least ${union} messages`
}
