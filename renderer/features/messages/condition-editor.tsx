import { ActionIcon, Autocomplete, Button, Popover, Select, TextInput } from '@mantine/core'
import { IconFilter, IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import {
  CONDITION_TESTS,
  type ConditionTest,
  conditionWords,
  type FieldCondition,
  MAX_CONDITIONS,
  MAX_SEARCH_LENGTH,
  takesValue,
} from '../../../shared/message-filter.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import classes from './condition-editor.module.css'

const TEST_WORDS: Record<ConditionTest, string> = {
  is: 'is',
  'is-not': 'is not',
  below: 'is below',
  'at-most': 'is at most',
  above: 'is above',
  'at-least': 'is at least',
  contains: 'contains',
  exists: 'is there',
  missing: 'is not there',
}

/** Fields offered while a path is typed. */
const MAX_OFFERED = 60
const NEW_CONDITION: FieldCondition = { path: '', test: 'above', value: '' }

export interface ConditionEditorProps {
  conditions: readonly FieldCondition[]
  fields: readonly FieldSummary[]
  onChange(conditions: FieldCondition[]): void
}

/** Conditions on fields: all of them must hold. */
export function ConditionEditor({ conditions, fields, onChange }: ConditionEditorProps) {
  const [isOpen, setIsOpen] = useState(false)
  const [draft, setDraft] = useState<FieldCondition>(NEW_CONDITION)
  const paths = [...new Set(fields.map(({ path }) => path))]
  const isReady =
    draft.path.trim() !== '' &&
    (!takesValue(draft.test) || draft.value !== '') &&
    conditions.length < MAX_CONDITIONS
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" width={480} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant={conditions.length > 0 ? 'light' : 'default'}
          size="xs"
          className={classes.target ?? ''}
          leftSection={<IconFilter size={14} />}
          onClick={() => setIsOpen(!isOpen)}
        >
          {conditions.length === 0 ? 'Fields' : `Fields: ${conditions.length}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Conditions on fields">
        {conditions.length === 0 ? (
          <p className={classes.note}>
            Show only messages whose fields meet a condition, such as “cpu.load is above 0.8”. The node looks
            through the whole range.
          </p>
        ) : (
          <ul className={classes.list}>
            {conditions.map((condition, index) => (
              <li key={`${condition.test} ${condition.path} ${condition.value}`}>
                <PlainText>{conditionWords(condition)}</PlainText>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={22}
                  aria-label={`Remove the condition ${visibleText(conditionWords(condition)).slice(0, 80)}`}
                  onClick={() => onChange(conditions.filter((_, other) => other !== index))}
                >
                  <IconX size={13} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (!isReady) return
            const added = {
              ...draft,
              path: draft.path.trim(),
              value: takesValue(draft.test) ? draft.value : '',
            }
            onChange([...conditions.filter((one) => conditionWords(one) !== conditionWords(added)), added])
            setDraft({ ...NEW_CONDITION, path: '' })
          }}
        >
          <Autocomplete
            size="xs"
            aria-label="Field"
            placeholder="Field"
            data={paths}
            limit={MAX_OFFERED}
            value={draft.path}
            onChange={(path) => setDraft({ ...draft, path })}
            comboboxProps={{ withinPortal: false, width: 300, position: 'bottom-start' }}
            data-autofocus
          />
          <Select
            size="xs"
            aria-label="Test"
            allowDeselect={false}
            data={CONDITION_TESTS.map((test) => ({ value: test, label: TEST_WORDS[test] }))}
            value={draft.test}
            onChange={(test) => test !== null && setDraft({ ...draft, test: test as ConditionTest })}
            comboboxProps={{ withinPortal: false }}
          />
          <TextInput
            size="xs"
            aria-label="Value"
            placeholder="Value"
            maxLength={MAX_SEARCH_LENGTH}
            disabled={!takesValue(draft.test)}
            value={takesValue(draft.test) ? draft.value : ''}
            onChange={(event) => setDraft({ ...draft, value: event.currentTarget.value })}
          />
          <Button type="submit" size="xs" disabled={!isReady} leftSection={<IconPlus size={13} />}>
            Add
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
