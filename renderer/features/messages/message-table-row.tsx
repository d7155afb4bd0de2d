// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot hold rows that are not there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, its cells are walked by arrow keys
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles Enter for the row it stands on
import { memo } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatSize } from '../../../shared/format/quantity.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import { formatClock, formatTimestamp } from '../../../shared/format/time.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { VerdictBadge } from '../../ui/verdict.tsx'
import { contentPreview, type FieldColumn } from './columns.ts'
import classes from './message-table.module.css'

export interface MessageTableRowProps {
  index: number
  row: MessageRow
  columns: readonly FieldColumn[]
  offsetPx: number
  template: string
  isSelected: boolean
  isOpen: boolean
  onClick(): void
}

function sameRow(a: MessageTableRowProps, b: MessageTableRowProps): boolean {
  return (
    a.row === b.row &&
    a.index === b.index &&
    a.offsetPx === b.offsetPx &&
    a.columns === b.columns &&
    a.template === b.template &&
    a.isSelected === b.isSelected &&
    a.isOpen === b.isOpen
  )
}

/** One message. Drawn again only when something of it has changed. */
export const MessageTableRow = memo(function MessageTableRow(props: MessageTableRowProps) {
  const { index, row, columns, offsetPx, template, isSelected, isOpen, onClick } = props
  const zone = useTimeZone()
  const source = sourceWords(row.source)
  return (
    <div
      id={`message-row-${index}`}
      className={classes.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-open={isOpen || undefined}
      style={{ gridTemplateColumns: template, transform: `translateY(${offsetPx}px)` }}
      onClick={onClick}
    >
      <Cell
        title={`${formatTimestamp(row.id.timestamp, zone)}${source.isFilled ? `; ${visibleText(source.words)}` : ''}`}
        filled={source.isFilled}
      >
        {formatClock(row.id.timestamp, zone, true)}
      </Cell>
      <Cell mono title={row.id.publisher}>
        {shortenMiddle(row.id.publisher, 8, 4)}
      </Cell>
      <Cell numeric>{String(row.id.sequence)}</Cell>
      <div role="gridcell">
        <VerdictBadge standing={row.equivocation ? 'equivocation' : row.verdict} />
      </div>
      <Cell numeric>{formatSize(row.sizeBytes)}</Cell>
      {columns.length === 0 ? (
        <Cell mono>{visibleText(contentPreview(row))}</Cell>
      ) : (
        columns.map((column) => (
          <Cell key={column.path} numeric={column.isNumeric}>
            {visibleText(column.text(row))}
          </Cell>
        ))
      )}
    </div>
  )
}, sameRow)

interface CellProps {
  children: string
  mono?: boolean
  numeric?: boolean
  title?: string
  /** It was missing and asked for. */
  filled?: boolean
}

function Cell({ children, mono = false, numeric = false, title, filled = false }: CellProps) {
  return (
    <div role="gridcell" data-mono={mono || undefined} data-numeric={numeric || undefined} title={title}>
      <bdi>{children}</bdi>
      {filled ? (
        <span className={classes.filled} role="img" aria-label="filled">
          ↺
        </span>
      ) : null}
    </div>
  )
}
