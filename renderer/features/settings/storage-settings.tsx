import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { AssignedPartView, RegistrationView, StoragePresenceView } from '../../../shared/storage.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { useGas } from '../../api/registry-change.ts'
import { CostNote } from '../../ui/cost-note.tsx'
import { streamDetailsStore } from '../../ui/dialogs.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age } from '../../ui/time.tsx'
import settings from './settings.module.css'
import classes from './storage-settings.module.css'

/** Assignments come by themselves; the list follows this often. */
const REFRESH_MS = 3_000
/** The rest is counted. */
const MAX_SHOWN = 50

/** This node as a storage node to everybody: its entry on the chain, and what it was assigned. */
export function StorageSettings() {
  const trpc = useTRPC()
  const presence = useQuery(trpc.storage.presence.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  return (
    <section className={settings.group} aria-labelledby="settings-storage">
      <h2 id="settings-storage">Storage node</h2>
      {presence.data !== undefined ? (
        <div className={settings.card}>
          <Registration registration={presence.data.registration} />
          <Assignments presence={presence.data} />
        </div>
      ) : presence.error !== null ? (
        <ErrorState title="The storage node cannot be shown" error={errorViewOf(presence.error)} />
      ) : (
        <LoadingState what="the storage node" />
      )}
    </section>
  )
}

const STATES: Record<RegistrationView['state'], string> = {
  unknown: 'The chain has not said yet whether this node is in the storage-node registry.',
  absent: 'This node is not in the storage-node registry: owners of streams cannot find it.',
  unconfirmed: 'The registry does not have this node’s present address. It is written when you confirm it.',
  writing: 'The registration is on its way to the chain…',
  registered: 'This node is in the storage-node registry: owners of streams can assign them to it.',
}

function Registration({ registration }: { registration: RegistrationView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const gas = useGas()
  const onSuccess = (view: StoragePresenceView) =>
    queryClient.setQueryData(trpc.storage.presence.queryKey(), view)
  const refresh = useMutation(trpc.storage.refresh.mutationOptions({ onSuccess }))
  const confirm = useMutation(trpc.storage.confirm.mutationOptions({ onSuccess }))
  const withdraw = useMutation(trpc.storage.withdraw.mutationOptions({ onSuccess }))
  const { state, urls, cost, problem } = registration
  const failure = confirm.error ?? withdraw.error
  const told = failure === null ? problem : errorViewOf(failure)
  return (
    <div className={classes.registration}>
      <p>{STATES[state]}</p>
      {urls.length === 0 ? null : (
        <p className={classes.urls}>
          <bdi>{urls.map(visibleText).join(', ')}</bdi>
        </p>
      )}
      {state === 'unconfirmed' && cost !== null ? <CostNote cost={cost} {...gas} /> : null}
      {told === null ? null : (
        <p role="alert" className={classes.problem}>
          <bdi>{told.message}</bdi> <bdi>{told.remedy}</bdi>
        </p>
      )}
      <div className={classes.actions}>
        <Button variant="default" size="xs" loading={refresh.isPending} onClick={() => refresh.mutate()}>
          Look at the chain again
        </Button>
        {state === 'registered' ? (
          <Button variant="default" size="xs" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            Withdraw
          </Button>
        ) : null}
        {state === 'unconfirmed' || state === 'absent' ? (
          <Button
            size="xs"
            loading={confirm.isPending}
            disabled={state === 'unconfirmed' && cost === null}
            onClick={() => (state === 'absent' ? refresh.mutate() : confirm.mutate())}
          >
            {state === 'absent' ? 'Show the cost of registering' : 'Register at this cost'}
          </Button>
        ) : null}
      </div>
    </div>
  )
}

const PART_STATES: Record<AssignedPartView['state'], string> = {
  joining: 'being joined',
  stored: 'stored',
  failing: 'failing',
  refused: 'refused',
}

function Assignments({ presence }: { presence: StoragePresenceView }) {
  const { assignments, assignmentsReadAt } = presence
  return (
    <div className={classes.assignments}>
      <p>
        {assignments.length === 0
          ? 'No stream is assigned to this node. '
          : `${formatCount(assignments.length)} ${assignments.length === 1 ? 'stream part is' : 'stream parts are'} assigned to this node. `}
        <span className={classes.quiet}>
          {assignmentsReadAt === null ? (
            'The registry was not read yet.'
          ) : (
            <>
              Read from the registry <Age at={assignmentsReadAt} />.
            </>
          )}
        </span>
      </p>
      <ul className={classes.parts}>
        {assignments.slice(0, MAX_SHOWN).map(({ part, state, problem }) => (
          <li key={part}>
            <button
              type="button"
              className={classes.part}
              onClick={() => streamDetailsStore.set(part.slice(0, part.lastIndexOf('#')))}
            >
              <bdi>{visibleText(part)}</bdi>
            </button>
            <span className={classes.quiet}>{PART_STATES[state]}</span>
            {problem === null ? null : (
              <span className={classes.problem}>
                <bdi>{problem.message}</bdi> <bdi>{problem.remedy}</bdi>
              </span>
            )}
          </li>
        ))}
      </ul>
      {assignments.length > MAX_SHOWN ? (
        <p className={classes.quiet}>and {formatCount(assignments.length - MAX_SHOWN)} more</p>
      ) : null}
    </div>
  )
}
