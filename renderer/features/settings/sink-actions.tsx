import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDots, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SinkView } from '../../../shared/sink.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'

/** What can be done with a sink; its end is asked about first. */
export function SinkActions({ sink: { table, state } }: { sink: SinkView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const handlers = {
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.sinks.pathKey() }),
    onError(error: unknown) {
      const { message, remedy } = errorViewOf(error)
      notifications.show({ color: 'danger', title: 'That did not work', message: `${message} ${remedy}` })
    },
  }
  const pause = useMutation(trpc.sinks.pause.mutationOptions(handlers))
  const resume = useMutation(trpc.sinks.resume.mutationOptions(handlers))
  const remove = useMutation(trpc.sinks.remove.mutationOptions(handlers))
  const isPaused = state === 'paused'
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${table}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={isPaused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
            onClick={() => (isPaused ? resume : pause).mutate({ table })}
          >
            {isPaused ? 'Go on writing' : 'Pause'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => setAsking(true)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={isAsking} onClose={() => setAsking(false)} title={`Remove the sink ${table}?`}>
        <Text>
          Nothing more is written. The table and what is in it stay in the database; a sink that is added with
          the same table later goes on there.
        </Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            Leave it
          </Button>
          <Button
            color="danger"
            variant="outline"
            loading={remove.isPending}
            onClick={() => remove.mutate({ table }, { onSettled: () => setAsking(false) })}
          >
            Remove it
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
