import { Button, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Dialog } from '../../ui/dialog.tsx'

export interface ConfirmationProps {
  opened: boolean
  onClose(): void
  title: string
  confirm: string
  isPending: boolean
  onConfirm(): void
  children: ReactNode
}

/** Asks before something ends that does not begin again by itself. */
export function Confirmation(props: ConfirmationProps) {
  const { opened, onClose, title, confirm, isPending, onConfirm, children } = props
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Text>{children}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Leave it
        </Button>
        <Button color="danger" variant="outline" loading={isPending} onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Dialog>
  )
}
