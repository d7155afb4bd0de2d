// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot hold rows that are not there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, its cells are walked by arrow keys
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles Enter for the row it stands on
import { memo } from 'react'
import type { Change } from '../../../shared/content-changes.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatSize } from '../../../shared/format/quantity.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import { formatClock, formatTimestamp } from '../../../shared/format/time.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import type { JudgeRow } from '../../ui/use-schema-judge.ts'
import { ClockMark, SchemaMark, VerdictBadge } from '../../ui/verdict.tsx'
import { changesOf } from './changes.ts'
import { cellText, contentPreview, type FieldColumn } from './columns.ts'
import classes from './message-table.module.css'

export interface MessageTableRowProps {
  index: number
  row: MessageRow
  columns: readonly FieldColumn[]
  judge: JudgeRow | null
  offsetPx: number
  template: string
  isSelected: boolean
  isOpen: boolean
  /** The message before of the same publisher; null: none; undefined: not known, or not asked for. */
  before: MessageRow | null | undefined
  /** Says what changed instead of the whole content. */
  asChanges: boolean
  onClick(event: { shiftKey: boolean }): void
}

function sameRow(a: MessageTableRowProps, b: MessageTableRowProps): boolean {
  return (
    a.row === b.row &&
    a.index === b.index &&
    a.offsetPx === b.offsetPx &&
    a.columns === b.columns &&
    a.judge === b.judge &&
    a.template === b.template &&
    a.isSelected === b.isSelected &&
    a.isOpen === b.isOpen &&
    a.before === b.before &&
    a.asChanges === b.asChanges
  )
}

/** One message. Drawn again only when something of it has changed. */
export const MessageTableRow = memo(function MessageTableRow(props: MessageTableRowProps) {
  const { index, row, columns, judge, offsetPx, template, isSelected, isOpen, before, asChanges, onClick } =
    props
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
        <VerdictBadge standing={row.equivocation ? 'equivocation' : row.verdict} /> <ClockMark row={row} />
        <SchemaMark problem={judge?.(row)} />
      </div>
      <Cell numeric>{formatSize(row.sizeBytes)}</Cell>
      {columns.length > 0 ? (
        columns.map((column) => {
          const text = column.text(row)
          const was = asChanges && before ? column.text(before) : text
          return (
            <Cell
              key={column.path}
              numeric={column.isNumeric}
              changed={was !== text}
              {...(was === text ? {} : { title: `was ${visibleText(was).slice(0, 120)}` })}
            >
              {visibleText(text)}
            </Cell>
          )
        })
      ) : asChanges ? (
        <Changes row={row} before={before} />
      ) : (
        <Cell mono>{visibleText(contentPreview(row))}</Cell>
      )}
    </div>
  )
}, sameRow)

/** Changes told in a row; more are in the inspector. */
const SHOWN_CHANGES = 12

function Changes({ row, before }: Pick<MessageTableRowProps, 'row' | 'before'>) {
  if (before === undefined) return <Cell mono> </Cell>
  if (before === null)
    return <Cell mono>{`first of its publisher: ${visibleText(contentPreview(row))}`}</Cell>
  const changes = changesOf(row, before)
  if (changes === null) {
    return (
      <Cell mono>
        {row.digest === before.digest
          ? 'the same'
          : `cannot be compared field by field: ${visibleText(contentPreview(row))}`}
      </Cell>
    )
  }
  if (changes.length === 0) return <Cell mono>no change</Cell>
  return (
    <div role="gridcell" data-mono>
      {changes.slice(0, SHOWN_CHANGES).map((change) => (
        <OneChange key={change.path} change={change} />
      ))}
      {changes.length > SHOWN_CHANGES ? `and ${changes.length - SHOWN_CHANGES} more` : ''}
    </div>
  )
}

function OneChange({ change: { path, before, after } }: { change: Change }) {
  // Numbers stand as they are: rounded ones would often look the same.
  const words = (value: unknown) =>
    value === undefined
      ? '∅'
      : typeof value === 'number'
        ? String(value)
        : visibleText(cellText(value, null)).slice(0, 60)
  return (
    <span className={classes.change}>
      <bdi className={classes.changePath}>{visibleText(path).slice(0, 60)}</bdi>{' '}
      <bdi className={classes.was}>{words(before)}</bdi> → <bdi>{words(after)}</bdi>
    </span>
  )
}

interface CellProps {
  children: string
  mono?: boolean
  numeric?: boolean
  title?: string
  /** It was missing and asked for. */
  filled?: boolean
  /** Not as in the message before. */
  changed?: boolean
}

function Cell({
  children,
  mono = false,
  numeric = false,
  title,
  filled = false,
  changed = false,
}: CellProps) {
  return (
    <div
      role="gridcell"
      data-mono={mono || undefined}
      data-numeric={numeric || undefined}
      data-changed={changed || undefined}
      title={title}
    >
      <bdi>{children}</bdi>
      {filled ? (
        <span className={classes.filled} role="img" aria-label="filled">
          ↺
        </span>
      ) : null}
    </div>
  )
}
