import { Button, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { MAX_NAME_LENGTH } from '../../../shared/layout.ts'
import { Dialog } from '../../ui/dialog.tsx'

export interface NameDialogProps {
  title: string
  initial: string
  action: string
  onClose(): void
  onName(name: string): void
}

/** Asks for a name. */
export function NameDialog({ title, initial, action, onClose, onName }: NameDialogProps) {
  const [name, setName] = useState(initial)
  const trimmed = name.trim()
  return (
    <Dialog opened onClose={onClose} title={title} widthPx={400}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (trimmed === '') return
          onName(trimmed)
          onClose()
        }}
      >
        <TextInput
          label="Name"
          value={name}
          maxLength={MAX_NAME_LENGTH}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={trimmed === ''}>
            {action}
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
