import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useApi, useTRPC } from '../../api/provider.tsx'
import type { TimeMark } from '../../ui/time-marks.ts'

/** The end of what is asked for moves on in steps of so much, ms, so that the question stays the same meanwhile. */
const STEP_MS = 600_000
const NONE: readonly TimeMark[] = []

/** Alerts of a stream part over its whole history. */
export function useAlertMarks(part: string, first: number | null): readonly TimeMark[] {
  const trpc = useTRPC()
  const { feed, queryClient } = useApi()
  const [end, setEnd] = useState(() => Math.ceil(Date.now() / STEP_MS + 1) * STEP_MS)
  useEffect(
    () =>
      feed.subscribe((event) => {
        if (event.kind !== 'alerts') return
        setEnd(Math.ceil(Date.now() / STEP_MS + 1) * STEP_MS)
        void queryClient.invalidateQueries({ queryKey: trpc.alerts.marks.pathKey() })
      }),
    [feed, queryClient, trpc],
  )
  const { data } = useQuery(
    trpc.alerts.marks.queryOptions(
      { part, from: first ?? 0, to: end },
      { placeholderData: keepPreviousData },
    ),
  )
  return useMemo(
    () =>
      data?.map(({ id, rule, severity, from, to }) => ({
        id,
        from,
        to,
        label: `Alert: ${rule}`,
        isGrave: severity === 'critical',
      })) ?? NONE,
    [data],
  )
}
