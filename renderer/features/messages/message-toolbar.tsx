import { Button, Select, TextInput, UnstyledButton } from '@mantine/core'
import { IconColumns3, IconGitCompare, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { MAX_SEARCH_LENGTH } from '../../../shared/message-filter.ts'
import { MESSAGE_MARKS } from '../../../shared/message-mark.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import type { View } from '../../../shared/view-link.ts'
import { FieldPicker } from '../../ui/field-picker.tsx'
import { MARK_WORDS, MarkIcon, STANDING_WORDS, VerdictIcon } from '../../ui/verdict.tsx'
import { ConditionEditor } from './condition-editor.tsx'
import classes from './messages.module.css'

export interface MessageToolbarProps {
  view: View
  update(change: Partial<View>): void
  publishers: readonly string[]
  fields: readonly FieldSummary[]
  schema: unknown
  follow: 'following' | 'held' | 'past'
  /** How many rows there are, or how far a search is, with what can be done about it. */
  progress: ReactNode
  /** What takes the rows elsewhere. */
  children: ReactNode
}

const FOLLOW_WORDS = {
  following: 'Following: new messages appear on top',
  held: 'Held still while you look further down',
  past: 'A fixed stretch of time',
}

/** Filters and columns. Each stands in the address, so a link shows the same rows. */
export function MessageToolbar(props: MessageToolbarProps) {
  const { view, update, publishers, fields, schema, follow, progress, children } = props
  const [isPicking, setIsPicking] = useState(false)
  const known =
    view.publisher === null || publishers.includes(view.publisher)
      ? publishers
      : [...publishers, view.publisher]
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Filters">
      <TextInput
        size="xs"
        className={classes.search}
        aria-label="Text in content, publisher or digest"
        placeholder="Text in content, publisher or digest"
        leftSection={<IconSearch size={14} />}
        value={view.text}
        maxLength={MAX_SEARCH_LENGTH}
        onChange={(event) => update({ text: event.currentTarget.value })}
      />
      <Select
        size="xs"
        className={classes.publisher}
        aria-label="Publisher"
        value={view.publisher ?? ''}
        onChange={(value) => update({ publisher: value === '' ? null : value })}
        allowDeselect={false}
        data={[
          { value: '', label: 'All publishers' },
          ...known.map((publisher) => ({ value: publisher, label: shortenMiddle(publisher, 8, 6) })),
        ]}
      />
      <fieldset className={classes.verdicts} aria-label="Verdicts">
        {VERDICTS.map((verdict) => {
          const isChosen = view.verdicts.includes(verdict)
          return (
            <UnstyledButton
              key={verdict}
              className={classes.verdict}
              aria-pressed={isChosen}
              title={STANDING_WORDS[verdict]}
              onClick={() =>
                update({
                  verdicts: VERDICTS.filter((other) =>
                    other === verdict ? !isChosen : view.verdicts.includes(other),
                  ),
                })
              }
            >
              <VerdictIcon standing={verdict} size={13} />
              <span className={classes.word}>{STANDING_WORDS[verdict]}</span>
            </UnstyledButton>
          )
        })}
        {MESSAGE_MARKS.filter((mark) => mark !== 'schema' || schema != null || view.marks.includes(mark)).map(
          (mark) => {
            const isChosen = view.marks.includes(mark)
            return (
              <UnstyledButton
                key={mark}
                className={classes.verdict}
                aria-pressed={isChosen}
                title={MARK_WORDS[mark]}
                onClick={() =>
                  update({
                    marks: MESSAGE_MARKS.filter((other) =>
                      other === mark ? !isChosen : view.marks.includes(other),
                    ),
                  })
                }
              >
                <MarkIcon mark={mark} />
                <span className={classes.word}>{MARK_WORDS[mark]}</span>
              </UnstyledButton>
            )
          },
        )}
      </fieldset>
      <ConditionEditor
        conditions={view.conditions}
        fields={fields}
        onChange={(conditions) => update({ conditions })}
      />
      <FieldPicker
        opened={isPicking}
        onOpen={setIsPicking}
        fields={fields}
        schema={schema}
        chosen={view.columns ?? []}
        onChoose={(columns) => update({ columns: columns.length === 0 ? null : columns })}
        onReset={view.columns === null ? null : () => update({ columns: null })}
        resetLabel="Whole content"
        target={
          <Button
            variant="default"
            size="xs"
            className={classes.columns ?? ''}
            leftSection={<IconColumns3 size={14} />}
            onClick={() => setIsPicking(!isPicking)}
          >
            Columns
          </Button>
        }
      />
      <Button
        size="xs"
        variant={view.changes ? 'light' : 'default'}
        className={classes.columns ?? ''}
        leftSection={<IconGitCompare size={14} />}
        aria-pressed={view.changes}
        title="What changed since the message before of the same publisher"
        onClick={() => update({ changes: !view.changes })}
      >
        Changes
      </Button>
      {children}
      <span className={classes.state} role="status">
        {progress}
      </span>
      <span className={classes.follow} data-follow={follow} title={FOLLOW_WORDS[follow]}>
        <span className={classes.dot} aria-hidden />
        {follow === 'following' ? 'Following' : follow === 'held' ? 'Held' : 'Past'}
      </span>
    </div>
  )
}
