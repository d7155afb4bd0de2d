// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot hold rows that are not there
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, its cells are walked by arrow keys
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageRow } from '../../../shared/message.ts'
import type { MessageKey } from '../../../shared/view-link.ts'
import { rowKey } from '../../api/held-rows.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import type { JudgeRow } from '../../ui/use-schema-judge.ts'
import type { FieldColumn } from './columns.ts'
import { rowsAsText } from './copy-rows.ts'
import classes from './message-table.module.css'
import { MessageTableRow } from './message-table-row.tsx'
import { useHeldScroll } from './use-held-scroll.ts'
import { usePredecessors } from './use-predecessors.ts'

const ROW_PX = 30
const FIXED_COLUMNS = '128px 128px 48px 118px 72px'
const FIXED_COLUMNS_PX = 494
const FIELD_COLUMN_PX = 112
const PAGE_STEP = 20
/** More rows are asked for when so few are left below, or above. */
const LOAD_AHEAD_ROWS = 60
const AT_TOP_PX = 4

export interface MessageTableProps {
  rows: readonly MessageRow[]
  /** Chosen fields; none shows the whole content. */
  columns: readonly FieldColumn[]
  judge: JudgeRow | null
  /** The message in the inspector. */
  open: MessageKey | null
  unseen: number
  /** There are newer rows in the range than those held. */
  hasNewer: boolean
  /** The row to bring into view, after a jump. */
  goal: { key: string } | null
  /** Says of each row what changed since the one before of its publisher. */
  asChanges: boolean
  /** Rows that lie between those held are left out. */
  isFiltered: boolean
  onTop(isAtTop: boolean): void
  /** Nearing the older end of what is held, or the newer one. */
  onEnd(end: 'older' | 'newer'): void
  /** The newest or the oldest message of the range is wanted. */
  onGo(end: 'newest' | 'oldest'): void
  onVisible(visible: { newest: number; oldest: number }): void
  onOpen(row: MessageRow): void
}

/** A table of any length, of which only what is in sight is there. */
export function MessageTable(props: MessageTableProps) {
  const { rows, columns, judge, open, unseen, hasNewer, goal, asChanges, isFiltered } = props
  const { onTop, onEnd, onGo, onVisible, onOpen } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [selected, setSelected] = useState<string | null>(null)
  /** The other end of a selection of several rows. */
  const [anchor, setAnchor] = useState<string | null>(null)
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
  const firstIndex = items[0]?.index ?? 0
  const lastIndex = items[items.length - 1]?.index ?? 0
  useHeldScroll(scroller, rows, ROW_PX, goal, hasNewer)
  const isNearEnd = lastIndex >= rows.length - LOAD_AHEAD_ROWS
  const isNearTop = hasNewer && firstIndex <= LOAD_AHEAD_ROWS
  useEffect(() => {
    if (rows.length === 0) return
    if (isNearTop) onEnd('newer')
    else if (isNearEnd) onEnd('older')
  }, [isNearEnd, isNearTop, rows, onEnd])
  const newest = rows[firstIndex]?.id.timestamp
  const oldest = rows[Math.min(lastIndex, rows.length - 1)]?.id.timestamp
  useLayoutEffect(() => {
    if (newest !== undefined && oldest !== undefined) onVisible({ newest, oldest })
  }, [newest, oldest, onVisible])
  const predecessors = usePredecessors(
    rows,
    { first: firstIndex, last: lastIndex },
    { isOn: asChanges, isFiltered },
  )

  const indexOf = (key: string | null) => (key === null ? -1 : rows.findIndex((row) => rowKey(row) === key))
  const selectedIndex = indexOf(selected)
  const anchorIndex = anchor === null ? selectedIndex : indexOf(anchor)
  const isChosen = (index: number) =>
    selectedIndex !== -1 &&
    index >= Math.min(selectedIndex, anchorIndex === -1 ? selectedIndex : anchorIndex) &&
    index <= Math.max(selectedIndex, anchorIndex)

  function select(index: number, isExtending = false): void {
    const next = Math.min(rows.length - 1, Math.max(0, index))
    const row = rows[next]
    if (row === undefined) return
    setAnchor(isExtending ? (anchor ?? selected) : null)
    setSelected(rowKey(row))
    virtual.scrollToIndex(next)
    // With the inspector open, walking the rows walks the evidence.
    if (open !== null && !isExtending) onOpen(row)
  }

  function copy(): void {
    const chosen = rows.filter((_, index) => isChosen(index))
    if (chosen.length === 0 || !getSelection()?.isCollapsed) return
    const noted = chosen.length === 1 ? 'Message copied' : `${formatCount(chosen.length)} messages copied`
    navigator.clipboard.writeText(rowsAsText(chosen, columns)).then(
      () => notifications.show({ message: noted, autoClose: 1_500 }),
      () =>
        notifications.show({
          color: 'danger',
          message: 'The clipboard is refused here. Allow it for this page, or export the rows.',
        }),
    )
  }

  function onKeyDown(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key === 'c') copy()
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[selectedIndex]
    const isExtending = event.shiftKey
    switch (event.key) {
      case 'ArrowDown':
        select(selectedIndex + 1, isExtending)
        break
      case 'ArrowUp':
        select(selectedIndex - 1, isExtending)
        break
      case 'PageDown':
        select(selectedIndex + PAGE_STEP, isExtending)
        break
      case 'PageUp':
        select(selectedIndex - PAGE_STEP, isExtending)
        break
      case 'Home':
        if (hasNewer) onGo('newest')
        else select(0)
        break
      case 'End':
        onGo('oldest')
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
          onClick={() => {
            if (hasNewer) onGo('newest')
            scroller.current?.scrollTo({ top: 0 })
          }}
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
        aria-multiselectable
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
            <Heading isNumeric={false}>{asChanges ? 'Changes since the one before' : 'Content'}</Heading>
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
                judge={judge}
                offsetPx={item.start}
                template={template}
                isSelected={isChosen(item.index)}
                isOpen={isSame(open, row)}
                before={asChanges ? predecessors.of(row) : undefined}
                asChanges={asChanges}
                onClick={({ shiftKey }) => {
                  if (shiftKey && selected !== null) {
                    setAnchor(anchor ?? selected)
                    setSelected(rowKey(row))
                    return
                  }
                  setAnchor(null)
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
