import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './dialog.module.css'

export interface DialogProps {
  opened: boolean
  onClose(): void
  title: string
  widthPx?: number
  children: ReactNode
}

/** A dialog in front of the page: holds the focus, gives it back, closes by Escape. */
export function Dialog({ opened, onClose, title, widthPx = 460, children }: DialogProps) {
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size={widthPx}
      classNames={{
        content: classes.content ?? '',
        header: classes.header ?? '',
        title: classes.title ?? '',
      }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* As a plain header it would be a second banner beside the portal's own. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
