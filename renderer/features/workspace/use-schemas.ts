import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTRPC } from '../../api/provider.tsx'
import type { SchemaOf } from './line-names.ts'

/** The schemas of streams by their part; unknown until they have been read. */
export function useSchemas(parts: readonly string[]): SchemaOf {
  const trpc = useTRPC()
  const details = useQueries({
    queries: parts.map((part) => trpc.streams.details.queryOptions({ part })),
    combine: (results) => results.map(({ data }) => data?.metadata.schema),
  })
  const key = JSON.stringify(parts)
  return useMemo(() => {
    const schemas = new Map((JSON.parse(key) as string[]).map((part, index) => [part, details[index]]))
    return (part) => schemas.get(part)
  }, [key, details])
}
