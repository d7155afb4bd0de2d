import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import type { MessageRow } from '../../../shared/message.ts'
import { useTRPC } from '../../api/provider.tsx'
import type { ChartPoint } from '../../ui/chart/pick.ts'

/** The pointer must rest so long before the node is asked. */
const REST_MS = 70

/** The stored message nearest to a point, also where the point stands for many; null until it is known. */
export function useNearest(point: ChartPoint | null): MessageRow | null {
  const trpc = useTRPC()
  const [rested] = useDebouncedValue(point, REST_MS)
  const input =
    rested === null
      ? skipToken
      : {
          part: rested.line.part,
          at: Math.round(rested.at - rested.line.shiftMs),
          publisher: rested.line.publisher,
        }
  const { data } = useQuery(
    trpc.chart.nearest.queryOptions(input, {
      placeholderData: keepPreviousData,
      gcTime: 10_000,
      trpc: { abortOnUnmount: true },
    }),
  )
  return data ?? null
}
