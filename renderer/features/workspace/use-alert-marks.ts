import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useApi, useTRPC } from '../../api/provider.tsx'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { toChartAlert } from './chart-alerts.ts'

/** The end of what is asked for moves on in steps of so much, ms, so that the question stays the same meanwhile. */
const STEP_MS = 600_000
const NONE: readonly ChartAlert[] = []

/** Alerts of a stream part over its whole history. */
export function useAlertMarks(part: string, first: number | null): readonly ChartAlert[] {
  const trpc = useTRPC()
  const { feed } = useApi()
  const [end, setEnd] = useState(() => Math.ceil(Date.now() / STEP_MS + 1) * STEP_MS)
  useEffect(
    () =>
      feed.subscribe((event) => {
        if (event.kind === 'alerts') setEnd(Math.ceil(Date.now() / STEP_MS + 1) * STEP_MS)
      }),
    [feed],
  )
  const { data } = useQuery(
    trpc.alerts.marks.queryOptions(
      { part, from: first ?? 0, to: end },
      { placeholderData: keepPreviousData },
    ),
  )
  return useMemo(() => data?.map((mark) => toChartAlert(mark, part)) ?? NONE, [data, part])
}
