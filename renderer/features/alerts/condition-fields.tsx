import { Checkbox, Group, NumberInput, Select, Textarea } from '@mantine/core'
import { useState } from 'react'
import { type Condition, PROVENANCE_FAULTS } from '../../../shared/rules/rule.ts'
import classes from './alerts.module.css'
import { SecondsInput } from './seconds-input.tsx'

export interface ConditionFieldsProps {
  condition: Condition
  /** Paths of the stream's fields. */
  fields: readonly string[]
  onChange(condition: Condition): void
}

/** The form of one condition: each kind has its own few inputs. */
export function ConditionFields({ condition, fields, onChange }: ConditionFieldsProps) {
  const set = (change: object) => onChange({ ...condition, ...change } as Condition)
  return (
    <>
      {'field' in condition ? (
        <Select
          label="Field"
          searchable
          allowDeselect={false}
          data={[...new Set([...fields, condition.field])].filter((path) => path !== '')}
          value={condition.field === '' ? null : condition.field}
          onChange={(field) => set({ field: field ?? '' })}
          placeholder="Choose a field"
        />
      ) : null}
      <Inputs condition={condition} set={set} />
      {'holdMs' in condition ? (
        <SecondsInput
          label="Resolved after"
          description="Once it has not happened again for so long"
          valueMs={condition.holdMs}
          onChange={(holdMs) => set({ holdMs })}
        />
      ) : null}
    </>
  )
}

function Inputs({ condition, set }: { condition: Condition; set: (change: object) => void }) {
  const number = (label: string, name: string, value: number | undefined, isOptional = false) => (
    <NumberInput
      label={label}
      value={value ?? ''}
      onChange={(next) => set({ [name]: next === '' && isOptional ? undefined : Number(next) })}
    />
  )
  switch (condition.kind) {
    case 'threshold':
      return (
        <div className={classes.pair}>
          <Select
            label="Is"
            data={['above', 'below']}
            value={condition.op}
            onChange={(op) => set({ op: op ?? condition.op })}
            allowDeselect={false}
          />
          {number('Bound', 'value', condition.value)}
          {number('Clears at (optional)', 'clear', condition.clear, true)}
        </div>
      )
    case 'silence':
    case 'stuck':
      return <SecondsInput label="For" valueMs={condition.afterMs} onChange={(afterMs) => set({ afterMs })} />
    case 'frequency':
      return (
        <div className={classes.pair}>
          {number('At least', 'min', condition.min, true)}
          {number('At most', 'max', condition.max, true)}
          <SecondsInput
            label="Messages in"
            valueMs={condition.windowMs}
            onChange={(windowMs) => set({ windowMs })}
          />
        </div>
      )
    case 'jump':
    case 'lag':
      return number('By', 'by', condition.by)
    case 'missed-blocks':
      return (
        <div className={classes.pair}>
          {number('More than', 'max', condition.max)}
          <SecondsInput
            label="Within"
            valueMs={condition.windowMs}
            onChange={(windowMs) => set({ windowMs })}
          />
        </div>
      )
    case 'schema':
      return <SchemaInput schema={condition.schema} onChange={(schema) => set({ schema })} />
    case 'publishers':
      return (
        <Textarea
          label="Who may publish"
          description="One address a line"
          className={classes.mono ?? ''}
          autosize
          minRows={3}
          maxRows={10}
          defaultValue={condition.allowed.join('\n')}
          onChange={(event) => set({ allowed: readLines(event.currentTarget.value) })}
        />
      )
    case 'provenance':
      return (
        <Checkbox.Group label="Faults" value={condition.faults} onChange={(faults) => set({ faults })}>
          <Group mt={6} gap="md">
            {PROVENANCE_FAULTS.map((fault) => (
              <Checkbox key={fault} value={fault} label={fault} size="xs" />
            ))}
          </Group>
        </Checkbox.Group>
      )
    default:
      return null
  }
}

export function readLines(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line !== '')
}

function SchemaInput({ schema, onChange }: { schema: unknown; onChange: (schema: unknown) => void }) {
  const [text, setText] = useState(() => JSON.stringify(schema, null, 2))
  const [isBroken, setBroken] = useState(false)
  return (
    <Textarea
      label="Schema"
      description="Draft 2020-12, without references and patterns"
      className={classes.mono ?? ''}
      autosize
      minRows={8}
      maxRows={18}
      spellCheck={false}
      value={text}
      error={isBroken ? 'This is not JSON yet; the last text that was is used.' : undefined}
      onChange={(event) => {
        const next = event.currentTarget.value
        setText(next)
        try {
          onChange(JSON.parse(next))
          setBroken(false)
        } catch {
          setBroken(true)
        }
      }}
    />
  )
}
