import { ActionIcon, Button, Group, SegmentedControl, TextInput, Tooltip } from '@mantine/core'
import { IconLink, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { PairedNodeView, SyncMode, SyncView } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age, Time } from '../../ui/time.tsx'
import { Confirmation } from './confirmation.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

const REFRESH_MS = 3_000

function useInvalidation() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return () => void queryClient.invalidateQueries({ queryKey: trpc.remoteLog.paired.queryKey() })
}

/** The user's own nodes, kept in step with this one. */
export function PairedNodes() {
  const trpc = useTRPC()
  const search = useSearch()
  const [, go] = useLocation()
  const [isJoining, setJoining] = useState(false)
  const invalidate = useInvalidation()
  const sync = useQuery(trpc.remoteLog.paired.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  const setMode = useMutation(trpc.remoteLog.setSyncMode.mutationOptions({ onSuccess: invalidate }))
  const invite = useMutation(trpc.remoteLog.invite.mutationOptions({ onSuccess: invalidate }))
  const link = new URLSearchParams(search).get('pair')
  const close = () => {
    setJoining(false)
    if (link !== null) go('/remote-log')
  }
  return (
    <section aria-labelledby="logs-paired" className={classes.group}>
      <div className={classes.groupHead}>
        <h2 id="logs-paired">
          Paired nodes <span>nodes of yours that keep each other’s streams in step</span>
        </h2>
        <Group gap="xs">
          <Button variant="default" size="compact-sm" onClick={() => setJoining(true)}>
            Enter a link
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconLink size={14} />}
            loading={invite.isPending}
            onClick={() => invite.mutate()}
          >
            Show a code
          </Button>
        </Group>
      </div>
      <div className={classes.frame}>
        {sync.data === undefined ? (
          sync.error ? (
            <ErrorState title="The paired nodes cannot be shown" error={errorViewOf(sync.error)} />
          ) : (
            <LoadingState what="the paired nodes" />
          )
        ) : (
          <Nodes sync={sync.data} onMode={(mode) => setMode.mutate({ mode })} />
        )}
      </div>
      <JoinDialog key={link} opened={isJoining || link !== null} link={link ?? ''} onClose={close} />
    </section>
  )
}

function Nodes({ sync, onMode }: { sync: SyncView; onMode: (mode: SyncMode) => void }) {
  const { invitation, nodes, mode } = sync
  return (
    <>
      {invitation === null ? null : (
        <div className={classes.invitation} role="status">
          <strong className={classes.code}>{invitation.code}</strong>
          <span>
            Good once, until <Time at={invitation.expiresAt} short />. Enter the link at the other node:
          </span>
          <span className={classes.link}>
            <PlainText>{invitation.link}</PlainText>
            <CopyButton value={invitation.link} what="the link" />
          </span>
        </div>
      )}
      {nodes.length === 0 ? (
        <p className={classes.empty}>
          No node is paired. Show a code here and enter its link at your other node; from then on each sends
          the other what it stores of subscribed streams.
        </p>
      ) : (
        <>
          <ul className={classes.nodes}>
            {nodes.map((node) => (
              <Node key={node.peer} node={node} />
            ))}
          </ul>
          <div className={classes.mode}>
            <span>
              {mode === 'interactive'
                ? 'Messages are offered first, and sent when asked for: saves bandwidth.'
                : 'Messages are sent at once: saves a round trip.'}
            </span>
            <SegmentedControl
              size="xs"
              aria-label="How messages are sent to paired nodes"
              value={mode}
              onChange={(value) => onMode(value as SyncMode)}
              data={[
                { value: 'interactive', label: 'Interactive' },
                { value: 'batch', label: 'Batch' },
              ]}
            />
          </div>
        </>
      )}
    </>
  )
}

function Node({ node }: { node: PairedNodeView }) {
  const trpc = useTRPC()
  const invalidate = useInvalidation()
  const [isAsking, setAsking] = useState(false)
  const unpair = useMutation(trpc.remoteLog.unpair.mutationOptions({ onSuccess: invalidate }))
  return (
    <li>
      <span className={classes.nodeName}>
        <PlainText>{node.label === '' ? 'without a name' : node.label}</PlainText>
      </span>
      <ShortId id={node.peer} what="peer id" head={8} tail={6} />
      <span>{stateOf(node)}</span>
      <span className={classes.quiet}>
        paired <Age at={node.pairedAt} />
      </span>
      <Tooltip label="Forget this node">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Forget this node"
          onClick={() => setAsking(true)}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </Tooltip>
      <Confirmation
        opened={isAsking}
        onClose={() => setAsking(false)}
        title="Forget this node?"
        confirm="Forget it"
        isPending={unpair.isPending}
        onConfirm={() => unpair.mutate({ peer: node.peer })}
      >
        Nothing is sent to it or taken from it any more. What both hold stays where it is.
      </Confirmation>
    </li>
  )
}

/** Whether it is there, and what is still on its way between the two. */
function stateOf({ isConnected, toSend, toReceive }: PairedNodeView): string {
  const waiting = [
    toSend > 0 ? `${formatCount(toSend)} on the way there` : '',
    toReceive > 0 ? `${formatCount(toReceive)} on the way here` : '',
  ].filter(Boolean)
  if (!isConnected) return ['Away', ...waiting].join(', ')
  return ['Connected', ...(waiting.length > 0 ? waiting : ['in step'])].join(', ')
}

function JoinDialog({ opened, link, onClose }: { opened: boolean; link: string; onClose: () => void }) {
  const trpc = useTRPC()
  const invalidate = useInvalidation()
  const [text, setText] = useState(link)
  const pair = useMutation(
    trpc.remoteLog.pair.mutationOptions({
      onSuccess() {
        invalidate()
        onClose()
      },
    }),
  )
  return (
    <Dialog opened={opened} onClose={onClose} title="Pair with another node of yours" widthPx={520}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          pair.mutate({ link: text.trim() })
        }}
      >
        <TextInput
          label="Link the other node shows"
          placeholder="tidemark://pair?…"
          value={text}
          maxLength={2_048}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <p className={classes.note}>
          Paired nodes send each other the messages of the streams both subscribe to. Pair with nodes of your
          own only.
        </p>
        {pair.error ? <Problem error={errorViewOf(pair.error)} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={pair.isPending} disabled={text.trim() === ''}>
            Pair
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
