import { useQuery } from '@tanstack/react-query'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import type { MessageId } from '../../../shared/message.ts'
import { VERDICT_REASON_SENTENCES } from '../../../shared/verdict.ts'
import type { VerdictChange } from '../../../shared/verdict-history.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Fold } from '../../ui/fold.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { Time } from '../../ui/time.tsx'
import { STANDING_WORDS } from '../../ui/verdict.tsx'
import { Facts } from './facts.tsx'

/** What became of the verdict since it was first given: when, from what to what, and why. Nothing where it stood. */
export function VerdictChanges({ id, digest }: { id: MessageId; digest: string }) {
  const trpc = useTRPC()
  const zone = useTimeZone()
  const history = useQuery(trpc.messages.history.queryOptions({ id, digest }))
  const changes = history.data ?? []
  if (changes.length === 0) return null
  return (
    <Fold
      title="Verdict history"
      note={`changed ${formatCount(changes.length)} time${changes.length === 1 ? '' : 's'}`}
    >
      <Facts
        facts={changes.map((change) => ({
          name: formatTimestamp(change.at, zone),
          value: <Change change={change} />,
        }))}
      />
    </Fold>
  )
}

function Change({ change: { from, to, because } }: { change: VerdictChange }) {
  return (
    <>
      {STANDING_WORDS[from.verdict]} → {STANDING_WORDS[to.verdict]}. {VERDICT_REASON_SENTENCES[to.reason]}
      {because === null ? null : (
        <>
          {' '}
          By block {formatCount(because.block)}, <Time at={because.blockTimestamp} />.
        </>
      )}
    </>
  )
}
