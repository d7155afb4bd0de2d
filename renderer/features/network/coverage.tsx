import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import type { CoverageMatrix } from '../../api/network-types.ts'
import { useTRPC } from '../../api/provider.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { CoverageMatrixView, nameOf, shareText } from './coverage-matrix.tsx'
import { totalHeld, unionRow } from './coverage-share.ts'
import classes from './network.module.css'

const HOUR_MS = 3_600_000
const SPANS = [
  { value: String(HOUR_MS), label: '1h' },
  { value: String(24 * HOUR_MS), label: '1d' },
  { value: String(168 * HOUR_MS), label: '1w' },
  { value: 'all', label: 'All' },
]
/** Peers are asked anew for what they cover this often. */
const REFRESH_MS = 10_000

/** Who holds what of a stream, by time. */
export function Coverage({ part, own }: { part: string; own: string }) {
  const trpc = useTRPC()
  const [span, setSpan] = useState(SPANS[0]?.value ?? 'all')
  const [shape, setShape] = useState('picture')
  const streams = useQuery(trpc.streams.list.queryOptions())
  const first = streams.data?.find((stream) => stream.part === part)?.firstTimestamp ?? null
  // One question for each refresh, not for each render.
  const to = Math.ceil(Date.now() / REFRESH_MS) * REFRESH_MS
  const from = span === 'all' ? Math.min(first ?? to - HOUR_MS, to - HOUR_MS) : to - Number(span)
  const coverage = useQuery(
    trpc.network.coverage.queryOptions(
      { part, from, to },
      { refetchInterval: REFRESH_MS, placeholderData: (previous) => previous },
    ),
  )
  return (
    <section className={classes.panel} aria-labelledby="network-coverage">
      <div className={classes.head}>
        <h2 id="network-coverage">Who holds what</h2>
        <SegmentedControl
          size="xs"
          aria-label="Picture or table"
          value={shape}
          onChange={setShape}
          data={[
            { value: 'picture', label: 'Picture' },
            { value: 'table', label: 'Table' },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="Length of time"
          value={span}
          onChange={setSpan}
          data={SPANS}
        />
      </div>
      <Answer matrix={coverage.data} error={coverage.error} own={own} shape={shape} />
    </section>
  )
}

interface AnswerProps {
  matrix: CoverageMatrix | undefined
  error: unknown
  own: string
  shape: string
}

function Answer({ matrix, error, own, shape }: AnswerProps) {
  if (matrix === undefined && error)
    return <ErrorState title="Nobody could be asked" error={errorViewOf(error)} />
  if (matrix === undefined) return <LoadingState what="what nodes hold" />
  if (matrix.atLeast.every((count) => count === 0)) {
    return (
      <EmptyState title="Nothing in this time">
        Neither this node nor a connected peer holds a verified message of it. Choose a longer time.
      </EmptyState>
    )
  }
  return shape === 'table' ? (
    <CoverageTable matrix={matrix} own={own} />
  ) : (
    <CoverageMatrixView matrix={matrix} own={own} />
  )
}

/** The same in words and numbers. */
function CoverageTable({ matrix, own }: { matrix: CoverageMatrix; own: string }) {
  const rows = [unionRow(matrix), ...matrix.rows].map((row, index) => ({ row, index }))
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: 'Node', kind: 'name', cell: ({ row, index }) => nameOf(row, index, own) },
    {
      title: 'Messages',
      kind: 'number',
      cell: ({ row: { counts, why } }) =>
        counts === null ? (why ?? 'not told') : formatCount(totalHeld(matrix, counts)?.held ?? 0),
    },
    { title: 'Share', kind: 'number', cell: ({ row }) => shareText(matrix, row) },
    {
      title: 'Times with less than others',
      kind: 'number',
      cell: ({ row: { counts } }) =>
        counts === null
          ? '–'
          : `${counts.filter((count, bucket) => count < (matrix.atLeast[bucket] ?? 0)).length} of ${matrix.atLeast.length}`,
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={rows}
      keyOf={({ row, index }) => row.peerId ?? String(index)}
      label="Who holds what, in numbers"
    />
  )
}
