// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot hold rows that are not there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, its cells are walked by arrow keys
import { Button } from '@mantine/core'
import { IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageRow } from '../../../shared/message.ts'
import type { MessageKey } from '../../../shared/view-link.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import type { FieldColumn } from './columns.ts'
import classes from './message-table.module.css'
import { MessageTableRow } from './message-table-row.tsx'

const ROW_PX = 30
const FIXED_COLUMNS = '128px 128px 48px 118px 72px'
const FIXED_COLUMNS_PX = 494
const FIELD_COLUMN_PX = 112
const PAGE_STEP = 20
/** Older rows are asked for when so many are left below. */
const LOAD_AHEAD_ROWS = 60
const AT_TOP_PX = 4

export function rowKey(row: MessageRow): string {
  return `${row.id.timestamp} ${row.id.sequence} ${row.digest}`
}

export interface MessageTableProps {
  rows: readonly MessageRow[]
  /** Chosen fields; none shows the whole content. */
  columns: readonly FieldColumn[]
  /** The message in the inspector. */
  open: MessageKey | null
  unseen: number
  onTop(isAtTop: boolean): void
  onEnd(): void
  onOpen(row: MessageRow): void
}

/** A table of any length, of which only what is in sight is there. */
export function MessageTable({ rows, columns, open, unseen, onTop, onEnd, onOpen }: MessageTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [selected, setSelected] = useState<string | null>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : rowKey(row)
    },
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const lastIndex = items[items.length - 1]?.index ?? 0
  const isNearEnd = lastIndex >= rows.length - LOAD_AHEAD_ROWS
  useEffect(() => {
    if (isNearEnd && rows.length > 0) onEnd()
  }, [isNearEnd, rows.length, onEnd])

  const selectedIndex = selected === null ? -1 : rows.findIndex((row) => rowKey(row) === selected)

  function select(index: number): void {
    const next = Math.min(rows.length - 1, Math.max(0, index))
    const row = rows[next]
    if (row === undefined) return
    setSelected(rowKey(row))
    virtual.scrollToIndex(next)
    // With the inspector open, walking the rows walks the evidence.
    if (open !== null) onOpen(row)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[selectedIndex]
    switch (event.key) {
      case 'ArrowDown':
        select(selectedIndex + 1)
        break
      case 'ArrowUp':
        select(selectedIndex - 1)
        break
      case 'PageDown':
        select(selectedIndex + PAGE_STEP)
        break
      case 'PageUp':
        select(selectedIndex - PAGE_STEP)
        break
      case 'Home':
        select(0)
        break
      case 'End':
        select(rows.length - 1)
        break
      case 'Enter':
        if (row !== undefined) onOpen(row)
        break
      default:
        return
    }
    event.preventDefault()
  }

  const template = `${FIXED_COLUMNS} ${
    columns.length === 0
      ? 'minmax(280px, 1fr)'
      : `repeat(${columns.length}, minmax(${FIELD_COLUMN_PX}px, 1fr))`
  }`
  const minWidth = FIXED_COLUMNS_PX + Math.max(280, columns.length * FIELD_COLUMN_PX)
  return (
    <div className={classes.frame}>
      {unseen > 0 ? (
        <Button
          size="compact-sm"
          className={classes.unseen}
          leftSection={<IconArrowUp size={14} />}
          onClick={() => scroller.current?.scrollTo({ top: 0 })}
        >
          {formatCount(unseen)} new
        </Button>
      ) : null}
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label="Messages"
        aria-rowcount={rows.length + 1}
        aria-colcount={5 + Math.max(1, columns.length)}
        aria-activedescendant={selectedIndex === -1 ? undefined : `message-row-${selectedIndex}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={(event) => onTop(event.currentTarget.scrollTop <= AT_TOP_PX)}
      >
        <div
          className={classes.head}
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template, minWidth }}
        >
          {['Time', 'Publisher', 'Seq', 'Verdict', 'Size'].map((label) => (
            <Heading key={label} isNumeric={label === 'Seq' || label === 'Size'}>
              {label}
            </Heading>
          ))}
          {columns.length === 0 ? (
            <Heading isNumeric={false}>Content</Heading>
          ) : (
            columns.map((column) => (
              <Heading key={column.path} isNumeric={column.isNumeric}>
                {visibleText(column.label).slice(0, 80)}
              </Heading>
            ))
          )}
        </div>
        <div className={classes.rows} role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <MessageTableRow
                key={item.key}
                index={item.index}
                row={row}
                columns={columns}
                offsetPx={item.start}
                template={template}
                isSelected={item.index === selectedIndex}
                isOpen={isSame(open, row)}
                onClick={() => {
                  setSelected(rowKey(row))
                  onOpen(row)
                }}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

function isSame(key: MessageKey | null, row: MessageRow): boolean {
  return (
    key !== null &&
    key.timestamp === row.id.timestamp &&
    key.sequence === row.id.sequence &&
    key.publisher === row.id.publisher &&
    key.chain === row.id.chain &&
    (key.digest === null || key.digest === row.digest)
  )
}

function Heading({ children, isNumeric }: { children: string; isNumeric: boolean }) {
  return (
    <div role="columnheader" data-numeric={isNumeric || undefined}>
      <bdi>{children}</bdi>
    </div>
  )
}
