import type { ReactNode } from 'react'
import classes from './data-table.module.css'

export interface Column<Row> {
  title: string
  /** Drawn in place of the title, which is still its name. */
  head?: ReactNode
  cell: (row: Row) => ReactNode
  /** `name` heads its row, `number` stands at the right, `actions` takes no more room than its buttons and is named for those who hear it. */
  kind?: 'name' | 'text' | 'number' | 'actions'
  /** A CSS width; columns without one share what is left. */
  width?: number | string
  /** Said in the colour of notes. */
  isQuiet?: boolean
}

export interface DataTableProps<Row> {
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** What the table lists, for those who hear it; tables without it are named by the section they stand in. */
  label?: string
  /** The row a link has led to. */
  isMarked?: (row: Row) => boolean
  /** A row that matters less at the moment: all of it in the colour of notes. */
  isDim?: (row: Row) => boolean
  /** Framed as a panel of its own; otherwise it stands in one. */
  hasFrame?: boolean
  /** Below this the table scrolls sideways. Columns then keep to their widths, however long what they hold. */
  minWidthPx?: number
  /** Beyond this it scrolls below its head, which stays. */
  maxHeightPx?: number
  /** Where cells of several lines meet those of one. */
  align?: 'top' | 'middle'
}

/** Room of the one button that opens a menu, with its padding. */
const ACTIONS_WIDTH_PX = 64

/** A table of things with a few figures each: heads that stay, numbers that align, rows told apart by a hairline. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, keyOf, label, isMarked, isDim, hasFrame, minWidthPx, maxHeightPx, align } = props
  const isFixed = minWidthPx !== undefined
  return (
    <section
      className={classes.scroll}
      style={{ maxHeight: maxHeightPx }}
      data-framed={hasFrame || undefined}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard (WCAG 2.1.1)
      tabIndex={0}
    >
      <table
        className={classes.table}
        style={{ minWidth: minWidthPx, tableLayout: isFixed ? 'fixed' : undefined }}
        data-align={align}
      >
        <thead>
          <tr>
            {columns.map(({ title, head, kind, width }) => (
              <th
                key={title}
                scope="col"
                data-kind={kind}
                style={{ width: width ?? (isFixed && kind === 'actions' ? ACTIONS_WIDTH_PX : undefined) }}
              >
                {kind === 'actions' ? <span className={classes.heard}>{title}</span> : (head ?? title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const marked = isMarked?.(row) === true || undefined
            return (
              <tr
                key={keyOf(row)}
                data-marked={marked}
                data-dim={isDim?.(row) === true || undefined}
                aria-current={marked}
              >
                {columns.map((column) => (
                  <Cell key={column.title} column={column} row={row} />
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Cell<Row>({ column: { kind, cell, isQuiet }, row }: { column: Column<Row>; row: Row }) {
  const quiet = isQuiet || undefined
  if (kind === 'name') {
    return (
      <th scope="row" data-quiet={quiet}>
        {cell(row)}
      </th>
    )
  }
  return (
    <td data-kind={kind} data-quiet={quiet}>
      {cell(row)}
    </td>
  )
}
