import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import {
  IconActivity,
  IconDots,
  IconInfoCircle,
  IconListDetails,
  IconPlugConnected,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { StreamOverview } from '../../../shared/stream.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { streamDetailsStore } from '../../ui/dialogs.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { linkTo } from '../../ui/use-view.ts'

function tellFailure(title: string, error: unknown): void {
  const view = errorViewOf(error)
  notifications.show({ color: 'danger', title, message: `${view.message} ${view.remedy}` })
}

/** What can be done with a stream; what stops data from being kept is asked about first. */
export function StreamActions({ stream }: { stream: StreamOverview }) {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const [isAsking, { open: ask, close }] = useDisclosure(false)
  const name = visibleText(stream.title).slice(0, 80)
  const unsubscribe = useMutation(
    trpc.streams.unsubscribe.mutationOptions({
      onSuccess: close,
      onError: (error) => tellFailure('The stream is still subscribed', error),
    }),
  )
  const subscribe = useMutation(
    trpc.streams.subscribe.mutationOptions({
      onError: (error) => tellFailure('The stream could not be subscribed', error),
    }),
  )
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${shortenMiddle(name, 24, 8)}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconActivity size={15} />}
            onClick={() => go(linkTo('workspace', { part: stream.part }))}
          >
            Open in Workspace
          </Menu.Item>
          <Menu.Item
            leftSection={<IconListDetails size={15} />}
            onClick={() => go(linkTo('messages', { part: stream.part }))}
          >
            Show messages
          </Menu.Item>
          <Menu.Item
            leftSection={<IconInfoCircle size={15} />}
            onClick={() => streamDetailsStore.set(stream.streamId)}
          >
            Stream details…
          </Menu.Item>
          <Menu.Divider />
          {stream.subscribed ? (
            <Menu.Item leftSection={<IconPlugConnectedX size={15} />} onClick={ask}>
              Unsubscribe…
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<IconPlugConnected size={15} />}
              onClick={() => subscribe.mutate({ streamId: stream.streamId, partition: stream.partition })}
            >
              Subscribe again
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={isAsking} onClose={close} title="Unsubscribe from this stream?">
        <Text>
          New messages of “<bdi>{name}</bdi>” will no longer be kept. The {formatCount(stream.messages)}{' '}
          messages stored so far stay and remain readable. What is published meanwhile will be missing here.
        </Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button
            color="danger"
            variant="outline"
            loading={unsubscribe.isPending}
            onClick={() => unsubscribe.mutate({ part: stream.part })}
          >
            Unsubscribe
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
