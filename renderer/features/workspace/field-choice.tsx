import { Button } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../api/provider.tsx'
import { FieldPicker } from '../../ui/field-picker.tsx'
import { UnindexedNote } from './unindexed-note.tsx'

export interface FieldChoiceProps {
  part: string
  schema: unknown
  opened: boolean
  onOpen(opened: boolean): void
  /** Fields on screen. */
  shown: readonly string[]
  /** The workspace chose them by itself. */
  isDefault: boolean
  /** `null` leaves the choice to the workspace. */
  onChoose(fields: string[] | null): void
}

/** Which numeric fields are drawn. Apart from the workspace, because its values tick. */
export function FieldChoice({ part, schema, opened, onOpen, shown, isDefault, onChoose }: FieldChoiceProps) {
  const trpc = useTRPC()
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }))
  const numeric = (fields.data ?? []).filter((field) => field.kind === 'number')
  return (
    <FieldPicker
      opened={opened}
      onOpen={onOpen}
      fields={numeric}
      onlyIndexed
      note={opened ? <UnindexedNote part={part} fields={fields.data ?? []} /> : null}
      schema={schema}
      chosen={shown}
      onChoose={onChoose}
      onReset={isDefault ? null : () => onChoose(null)}
      resetLabel="Choose for me"
      target={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconAdjustmentsHorizontal size={14} />}
          onClick={() => onOpen(!opened)}
        >
          Fields
        </Button>
      }
    />
  )
}
