import { TextInput, UnstyledButton } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import type { FieldSource } from '../../../shared/layout.ts'
import { useTRPC } from '../../api/provider.tsx'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { FIELD_TYPE_WORDS, noteOfField } from '../../ui/field-notes.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import classes from './panel-editor.module.css'
import { StreamAndPublisher } from './stream-and-publisher.tsx'
import { UnindexedNote } from './unindexed-note.tsx'

/** Fields listed at once; search finds the others. */
const MAX_LISTED = 200

export interface SourcePickerProps {
  /** What a pick is for, in words. */
  purpose: string
  part: string
  onPart(part: string): void
  /** Which fields can be drawn by the panel. */
  accepts(field: FieldSummary): boolean
  onPick(source: FieldSource): void
}

function liveValue({ lastValue }: FieldSummary, unit: string | null): string {
  if (typeof lastValue === 'number') return formatValue(lastValue, unit)
  return lastValue === null ? '–' : String(lastValue).slice(0, 40)
}

/** Fields of any stream by search, with their types and what they say at the moment. */
export function SourcePicker({ purpose, part, onPart, accepts, onPick }: SourcePickerProps) {
  const trpc = useTRPC()
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }))
  const [publisher, setPublisher] = useState<string | null>(null)
  const [term, setTerm] = useState('')
  const schema = details.data?.metadata.schema
  const wanted = term.trim().toLowerCase()
  const found = (fields.data ?? []).filter((field) => {
    const { title } = noteOfField(schema, field.path)
    return field.path.toLowerCase().includes(wanted) || (title ?? '').toLowerCase().includes(wanted)
  })
  const fitting = found.filter(accepts)
  return (
    <div className={classes.picker}>
      <div className={classes.pickerHead}>
        <StreamAndPublisher part={part} publisher={publisher} onPart={onPart} onPublisher={setPublisher} />
      </div>
      <TextInput
        size="xs"
        aria-label="Search fields"
        placeholder="Search fields by name or title"
        leftSection={<IconSearch size={14} />}
        value={term}
        onChange={(event) => setTerm(event.currentTarget.value)}
      />
      <ul className={classes.fields} aria-label={purpose}>
        {fitting.slice(0, MAX_LISTED).map((field) => {
          const { title, unit } = noteOfField(schema, field.path)
          return (
            <li key={field.path}>
              <UnstyledButton
                className={classes.field}
                onClick={() =>
                  onPick({
                    part,
                    publisher,
                    field: field.path,
                  })
                }
              >
                <IconPlus size={13} aria-hidden />
                <span className={classes.path}>
                  <PlainText>{field.path}</PlainText>
                </span>
                <span className={classes.fieldTitle}>
                  {title === null ? null : <PlainText>{title}</PlainText>}
                </span>
                <span className={classes.type}>{FIELD_TYPE_WORDS[field.kind]}</span>
                <span className={classes.live}>
                  <PlainText>{liveValue(field, unit)}</PlainText>
                </span>
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
      <span className={classes.foot} role="status">
        {fields.isPending
          ? 'Loading the fields…'
          : fitting.length === 0
            ? found.length > 0
              ? found.some(({ indexed }) => indexed)
                ? 'The fields found cannot be drawn by this kind of panel.'
                : 'The fields found are not indexed.'
              : 'No field is called that.'
            : `${fitting.length > MAX_LISTED ? `${MAX_LISTED} of ` : ''}${fitting.length} fields`}
      </span>
      <UnindexedNote part={part} fields={fields.data ?? []} />
    </div>
  )
}
