import { useQueries } from '@tanstack/react-query'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { useTRPC } from '../../api/provider.tsx'
import { createExternalStore, type ExternalStore } from '../../ui/external-store.ts'
import { type AlertsByPart, alertStretch, toChartAlert } from './chart-alerts.ts'
import type { TransportHandle } from './use-transport.ts'

const NONE: AlertsByPart = new Map()

/**
 * Alerts about the window, for all panels of a workspace: one question for each stream part, whatever the number of
 * panels. What the node announces of alerts makes them be read anew (`invalidation.ts`).
 */
export function useChartAlerts(
  parts: readonly string[],
  { transport, onFrame }: TransportHandle,
): ExternalStore<AlertsByPart> {
  const trpc = useTRPC()
  const [store] = useState(() => createExternalStore(NONE))
  const follow = useCallback(
    (listener: () => void) => {
      const leave = [onFrame(listener), transport.subscribe(listener)]
      return () => {
        for (const stop of leave) stop()
      }
    },
    [transport, onFrame],
  )
  const key = useSyncExternalStore(follow, () => JSON.stringify(alertStretch(transport.now())))
  const stretch = JSON.parse(key) as ReturnType<typeof alertStretch>
  const found = useQueries({
    queries: parts.map((part) => trpc.alerts.marks.queryOptions({ part, ...stretch })),
    combine: (results) => results.map(({ data }) => data),
  })
  useEffect(() => {
    const before = store.get()
    store.set(
      new Map(
        parts.map((part, index) => [
          part,
          // Until those of another stretch are there, those of the one before stay.
          found[index]?.map((mark) => toChartAlert(mark, part)) ?? before.get(part) ?? [],
        ]),
      ),
    )
  }, [store, parts, found])
  return store
}
