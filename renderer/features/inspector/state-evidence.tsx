import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { RightInState } from '../../../shared/inspection.ts'
import type { MessageId } from '../../../shared/message.ts'
import { STORAGE_ABSENCES } from '../../../shared/storage-proof.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Fold } from '../../ui/fold.tsx'
import { Time } from '../../ui/time.tsx'
import { Code, Facts } from './facts.tsx'

/** The right to publish against the state of the chain: asked for by hand, because it costs an endpoint some work. */
export function StateEvidence({ id, digest }: { id: MessageId; digest: string }) {
  const trpc = useTRPC()
  const options = { enabled: false, retry: false } as const
  const proven = useQuery(trpc.messages.rightInState.queryOptions({ id, digest }, options))
  const { data, error, isFetching } = proven
  return (
    <Fold title="Chain state" note={noteOf(data, error !== null)} opened={false}>
      {data === undefined ? (
        <>
          <p>
            The right above rests on a registry event as an RPC endpoint told it. A storage proof shows it
            from a block’s header, checked here.
          </p>
          {error ? (
            <p role="alert">
              <bdi>{errorViewOf(error).message}</bdi>
            </p>
          ) : null}
          <Button
            variant="default"
            size="compact-sm"
            loading={isFetching}
            onClick={() => void proven.refetch()}
          >
            Check against the chain’s state
          </Button>
        </>
      ) : (
        <Outcome right={data} />
      )}
    </Fold>
  )
}

function Outcome({ right }: { right: RightInState }) {
  if (right === null) return 'The registry has no right of this signer that could be looked up.'
  if ('absent' in right) return STORAGE_ABSENCES[right.absent]
  const { block, blockHash, blockTimestamp, publishExpiration } = right
  return (
    <Facts
      facts={[
        {
          name: 'Outcome',
          value: publishExpiration === '0' ? 'No right in that state' : 'The state has the same right',
        },
        {
          name: 'Block',
          value: (
            <>
              {formatCount(block)}, <Time at={blockTimestamp} />
            </>
          ),
        },
        {
          name: 'Its hash',
          value: <Code>{blockHash}</Code>,
          copy: { value: blockHash, what: 'the hash of the block' },
        },
        { name: 'Left to ask', value: 'Whether the chain has a block of this hash: any explorer knows.' },
      ]}
    />
  )
}

function noteOf(right: RightInState | undefined, hasFailed: boolean): string {
  if (hasFailed) return 'not known'
  if (right === undefined) return 'not checked'
  return right === null || 'absent' in right ? 'no proof' : 'proven'
}
