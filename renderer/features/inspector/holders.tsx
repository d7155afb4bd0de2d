import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageId } from '../../../shared/message.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Fold } from '../../ui/fold.tsx'
import { type Fact, Facts } from './facts.tsx'

/** What is known of who holds a message does not change by looking at it again; asking costs each peer an answer. */
const ASKED_AGAIN_MS = 60_000

const ANSWERS = {
  holds: 'Holds it, and handed it out',
  lacks: 'Does not hold it',
  unknown: 'Did not say',
} as const

/** Which connected nodes hold the message: each is asked for it, so that none can claim what it does not have. */
export function Holders({ id, digest }: { id: MessageId; digest: string }) {
  const trpc = useTRPC()
  const asked = useQuery(
    trpc.network.holders.queryOptions({ id, digest }, { staleTime: ASKED_AGAIN_MS, retry: false }),
  )
  const queries = useQueryClient()
  const learntAt = asked.data === undefined || asked.data.length === 0 ? 0 : asked.dataUpdatedAt
  // The first sentence tells how many hold it: what was learnt here belongs there too.
  useEffect(() => {
    if (learntAt > 0) void queries.invalidateQueries({ queryKey: trpc.messages.inspect.pathKey() })
  }, [learntAt, queries, trpc])
  if (asked.error) {
    return (
      <Fold title="Holders" note="not known" opened={false}>
        <bdi>{errorViewOf(asked.error).message}</bdi>
      </Fold>
    )
  }
  if (asked.data === undefined) {
    return (
      <Fold title="Holders" note="asking…" opened={false}>
        The connected nodes are being asked for the message.
      </Fold>
    )
  }
  const holders = 1 + asked.data.filter(({ answer }) => answer === 'holds').length
  const facts: Fact[] = asked.data.map(({ address, answer, why }) => ({
    name: shortenMiddle(address, 8, 6),
    value: <bdi>{why ?? ANSWERS[answer]}</bdi>,
    copy: { value: address, what: 'the address of the node' },
  }))
  return (
    <Fold title="Holders" note={formatCount(holders)} opened={false}>
      {asked.data.length === 0 ? (
        'This node holds it. No other node is connected that could be asked.'
      ) : (
        <Facts facts={[{ name: 'This node', value: 'Holds it' }, ...facts]} />
      )}
    </Fold>
  )
}
