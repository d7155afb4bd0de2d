import { ActionIcon, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import {
  IconDots,
  IconFileZip,
  IconHistory,
  IconPlayerPause,
  IconRss,
  IconShieldCheck,
  IconTrash,
} from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import type { LogRef } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { Confirmation } from './confirmation.tsx'
import { RunDialog } from './run-dialog.tsx'
import type { Run } from './use-run.ts'

export interface LogActionsProps {
  log: LogRef
  kind: 'published' | 'followed'
  isFollowed?: boolean
}

/** `telemetry/machine/0` at 2026-01-31 12:00 becomes `telemetry-machine-0-20260131T120000.car`. */
function backupName(name: string): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '')
  return `${name
    .slice(-60)
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-/, '')}-${time}.car`
}

/** What can be done with a log; what ends its keeping up is asked about first. */
export function LogActions({ log, kind, isFollowed = false }: LogActionsProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [run, setRun] = useState<Run | null>(null)
  const [isAsking, setAsking] = useState(false)
  const ref: LogRef = { name: log.name, keeper: log.keeper }
  const word = shortenMiddle(visibleText(log.name), 16, 16)
  const handlers = {
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.remoteLog.pathKey() }),
    onError: (error: unknown) => {
      const { message, remedy } = errorViewOf(error)
      notifications.show({ color: 'danger', title: 'That did not work', message: `${message} ${remedy}` })
    },
  }
  const unpublish = useMutation(trpc.remoteLog.unpublish.mutationOptions(handlers))
  const forget = useMutation(trpc.remoteLog.forget.mutationOptions(handlers))
  const follow = useMutation(trpc.remoteLog.follow.mutationOptions(handlers))
  const unfollow = useMutation(trpc.remoteLog.unfollow.mutationOptions(handlers))
  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${word}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {kind === 'followed' ? (
            <>
              <Menu.Item
                leftSection={<IconHistory size={15} />}
                onClick={() => setRun({ kind: 'restore', ref })}
              >
                Restore now…
              </Menu.Item>
              <Menu.Item
                leftSection={isFollowed ? <IconPlayerPause size={15} /> : <IconRss size={15} />}
                onClick={() => (isFollowed ? unfollow : follow).mutate(ref)}
              >
                {isFollowed ? 'Stop following' : 'Follow for news'}
              </Menu.Item>
            </>
          ) : null}
          <Menu.Item
            leftSection={<IconShieldCheck size={15} />}
            onClick={() => setRun({ kind: 'verify', ref })}
          >
            Verify all of it…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileZip size={15} />}
            onClick={() => setRun({ kind: 'back-up', ref, file: backupName(log.name) })}
          >
            Back up to a file…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => setAsking(true)}>
            {kind === 'published' ? 'Stop publishing…' : 'Take off the list…'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <RunDialog run={run} onClose={() => setRun(null)} />
      <Confirmation
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={kind === 'published' ? 'Stop publishing this log?' : 'Take this log off the list?'}
        confirm={kind === 'published' ? 'Stop publishing' : 'Take it off'}
        isPending={unpublish.isPending || forget.isPending}
        onConfirm={() => {
          const removal = kind === 'published' ? unpublish : forget
          removal.mutate(ref, { onSettled: () => setAsking(false) })
        }}
      >
        {kind === 'published'
          ? 'New messages will no longer go into it. What its name leads to now stays readable for everybody, and publishing under the same name goes on from there.'
          : 'Its name is not asked for news any more. The messages that were restored stay in the store.'}
      </Confirmation>
    </>
  )
}
