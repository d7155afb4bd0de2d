import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { useTRPC } from '../../api/provider.tsx'
import { streamOptions } from '../../ui/stream-options.ts'

const EVERY_PUBLISHER = 'every'
/** A list that is longer is not read to its end. */
const MAX_PUBLISHERS = 200

export interface StreamAndPublisherProps {
  part: string
  /** Null for each of them. */
  publisher: string | null
  onPart(part: string): void
  onPublisher(publisher: string | null): void
}

/** Whose messages: a stream, and one of its publishers or each. */
export function StreamAndPublisher({ part, publisher, onPart, onPublisher }: StreamAndPublisherProps) {
  const trpc = useTRPC()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const publishers = useQuery(trpc.chart.publishers.queryOptions({ part }))
  return (
    <>
      <Select
        size="xs"
        label="Stream"
        value={part}
        allowDeselect={false}
        searchable
        data={streamOptions(streams.data ?? [])}
        onChange={(next) => {
          if (next === null) return
          // Who signs one stream need not sign another.
          onPublisher(null)
          onPart(next)
        }}
      />
      <Select
        size="xs"
        label="Publisher"
        value={publisher ?? EVERY_PUBLISHER}
        allowDeselect={false}
        data={[
          { value: EVERY_PUBLISHER, label: 'Each publisher' },
          ...(publishers.data ?? [])
            .slice(0, MAX_PUBLISHERS)
            .map((who) => ({ value: who, label: shortenMiddle(who, 8, 6) })),
        ]}
        onChange={(next) => onPublisher(next === null || next === EVERY_PUBLISHER ? null : next)}
      />
    </>
  )
}
