import { useEffect, useRef, useState } from 'react'
import type { MessageRow } from '../../../shared/message.ts'
import { rowKey } from '../../api/held-rows.ts'
import { useApi } from '../../api/provider.tsx'

/** Predecessors that are remembered: a few times the rows that are held. */
const MAX_KNOWN = 8_000
/** As the node answers in one question. */
const MAX_ASKED = 100
/** Scrolling passes rows by: only where it rests is the node asked. */
const SETTLE_MS = 120

export interface Predecessors {
  /** The message before of the same publisher; null: there is none; undefined: not known yet. */
  of(row: MessageRow): MessageRow | null | undefined
}

/**
 * What the same publisher sent before each visible row. Rows that are held without a filter hold the answer
 * themselves; for others the node is asked.
 */
export function usePredecessors(
  rows: readonly MessageRow[],
  visible: { first: number; last: number },
  options: { isOn: boolean; isFiltered: boolean },
): Predecessors {
  const { client } = useApi()
  const known = useRef(new Map<string, MessageRow | null>())
  const [, setVersion] = useState(0)
  const { isOn, isFiltered } = options
  const { first, last } = visible
  useEffect(() => {
    if (!isOn) return
    if (known.current.size > MAX_KNOWN) known.current.clear()
    const missing: MessageRow[] = []
    for (let index = Math.max(0, first); index <= last; index++) {
      const row = rows[index]
      if (row === undefined || known.current.has(rowKey(row))) continue
      const held = isFiltered ? undefined : findHeld(rows, index)
      if (held === undefined) missing.push(row)
      else known.current.set(rowKey(row), held)
    }
    if (missing.length === 0) {
      setVersion((version) => version + 1)
      return
    }
    const controller = new AbortController()
    const timer = setTimeout(() => {
      const asked = missing.slice(0, MAX_ASKED)
      client.messages.predecessors
        .query({ ids: asked.map(({ id }) => id) }, { signal: controller.signal })
        .then((found) => {
          for (const [index, row] of asked.entries()) known.current.set(rowKey(row), found[index] ?? null)
          setVersion((version) => version + 1)
        })
        // What could not be learnt is asked again when the rows move: nothing is shown as changed meanwhile.
        .catch(() => undefined)
    }, SETTLE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [client, rows, first, last, isOn, isFiltered])
  return { of: (row) => known.current.get(rowKey(row)) }
}

/** The next older row of the same publisher among those held; rows are newest first. */
function findHeld(rows: readonly MessageRow[], index: number): MessageRow | undefined {
  const { publisher, timestamp, sequence } = rows[index]?.id ?? {}
  for (let at = index + 1; at < rows.length; at++) {
    const row = rows[at]
    if (row?.id.publisher !== publisher) continue
    if (row?.id.timestamp !== timestamp || row?.id.sequence !== sequence) return row
  }
  return undefined
}
