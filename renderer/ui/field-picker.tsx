import { Button, Checkbox, Group, Popover, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import type { FieldSummary } from '../../shared/chart.ts'
import { formatValue } from './chart/unit-format.ts'
import { FIELD_TYPE_WORDS, noteOfField } from './field-notes.ts'
import classes from './field-picker.module.css'
import { PlainText } from './plain-text.tsx'

/** As many as the node answers in one question. */
export const MAX_CHOSEN = 32
/** Fields listed at once; search finds the others. */
const MAX_LISTED = 200

export interface FieldPickerProps {
  opened: boolean
  onOpen(opened: boolean): void
  /** What there is to choose from. */
  fields: readonly FieldSummary[]
  /** Fields that are not indexed are listed, and cannot be chosen. */
  onlyIndexed?: boolean
  /** Said beneath the list. */
  note?: ReactNode
  schema: unknown
  chosen: readonly string[]
  onChoose(fields: string[]): void
  /** Goes back to what the screen chooses by itself; null when it does so already. */
  onReset: (() => void) | null
  resetLabel: string
  target: ReactNode
}

function currentValue(field: FieldSummary, unit: string | null): string {
  if (typeof field.lastValue === 'number') return formatValue(field.lastValue, unit)
  return field.lastValue === null ? '–' : String(field.lastValue).slice(0, 40)
}

/** Fields by search, with what they say at the moment. */
export function FieldPicker(props: FieldPickerProps) {
  const { opened, onOpen, fields, schema, chosen, onChoose, onReset, resetLabel, target } = props
  const isDrawn = (field: FieldSummary) => field.indexed || props.onlyIndexed !== true
  const [term, setTerm] = useState('')
  const wanted = term.trim().toLowerCase()
  const found = fields.filter((field) => {
    const { title } = noteOfField(schema, field.path)
    return field.path.toLowerCase().includes(wanted) || (title ?? '').toLowerCase().includes(wanted)
  })
  const isFull = chosen.length >= MAX_CHOSEN
  return (
    <Popover opened={opened} onChange={onOpen} position="bottom-start" width={500} trapFocus returnFocus>
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Choose fields">
        <TextInput
          aria-label="Search fields"
          placeholder="Search fields"
          leftSection={<IconSearch size={14} />}
          value={term}
          onChange={(event) => setTerm(event.currentTarget.value)}
          data-autofocus
        />
        <ul className={classes.list}>
          {found.slice(0, MAX_LISTED).map((field) => {
            const { title, unit } = noteOfField(schema, field.path)
            const isChosen = chosen.includes(field.path)
            return (
              <li key={field.path}>
                <Checkbox
                  size="xs"
                  checked={isChosen}
                  disabled={!isChosen && (isFull || !isDrawn(field))}
                  onChange={() =>
                    onChoose(
                      isChosen ? chosen.filter((path) => path !== field.path) : [...chosen, field.path],
                    )
                  }
                  classNames={{
                    body: classes.body ?? '',
                    labelWrapper: classes.labelWrapper ?? '',
                    label: classes.label ?? '',
                  }}
                  label={
                    <>
                      <span className={classes.path}>
                        <PlainText>{field.path}</PlainText>
                      </span>
                      <span className={classes.title}>
                        {title === null ? null : <PlainText>{title}</PlainText>}
                      </span>
                      <span className={classes.type}>{FIELD_TYPE_WORDS[field.kind]}</span>
                      <span className={classes.value}>
                        <PlainText>{isDrawn(field) ? currentValue(field, unit) : 'not indexed'}</PlainText>
                      </span>
                    </>
                  }
                />
              </li>
            )
          })}
        </ul>
        {props.note}
        <Group justify="space-between" className={classes.foot}>
          <span role="status">
            {found.length === 0
              ? 'No field is called that.'
              : isFull
                ? `At most ${MAX_CHOSEN} fields at once.`
                : `${chosen.length} chosen, ${found.length} found${found.length > MAX_LISTED ? `, the first ${MAX_LISTED} listed` : ''}`}
          </span>
          <Button variant="subtle" size="compact-xs" disabled={onReset === null} onClick={() => onReset?.()}>
            {resetLabel}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
