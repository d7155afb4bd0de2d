import { ActionIcon, Button, Menu, Textarea, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconBookmarkPlus, IconBooks, IconPlus, IconTrash, IconX } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import {
  type ExpressionSeries,
  MAX_EXPRESSION_INPUTS,
  MAX_EXPRESSION_LENGTH,
  MAX_NAME_LENGTH,
} from '../../../shared/layout.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { inputsOf, TREND_FUNCTIONS } from './expression/expression-tree.ts'
import { type ExpressionProblem, parseExpression } from './expression/parse-expression.ts'
import { shortPart } from './line-names.ts'
import classes from './panel-editor.module.css'

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const

/** The first letter that stands for nothing yet. */
export function nextLetter(inputs: ExpressionSeries['inputs']): string | null {
  return LETTERS.slice(0, MAX_EXPRESSION_INPUTS).find((letter) => !Object.hasOwn(inputs, letter)) ?? null
}

/** "at character 7, near «foo»". */
function placeOf(text: string, { at }: ExpressionProblem): string {
  if (at === null) return ''
  const near = visibleText(text.slice(at, at + 12))
  return near === '' ? ` At the end.` : ` At character ${at + 1}, near “${near}”.`
}

export interface ExpressionEditorProps {
  series: ExpressionSeries
  onChange(series: ExpressionSeries): void
  /** The picker beside gives its fields to this expression. */
  isTarget: boolean
  onTarget(): void
  onRemove(): void
}

/** An expression with the letters it reads. */
export function ExpressionEditor({ series, onChange, isTarget, onTarget, onRemove }: ExpressionEditorProps) {
  const { text, inputs } = series
  const { tree, problem } = parseExpression(text, Object.keys(inputs))
  const used = tree === null ? null : inputsOf(tree)
  return (
    <div className={classes.expression} data-target={isTarget || undefined}>
      <div className={classes.expressionHead}>
        <span className={classes.tag}>ƒ</span>
        <input
          className={classes.nameInput}
          aria-label="Name of the expression"
          placeholder="Name (optional)"
          value={series.name ?? ''}
          maxLength={MAX_NAME_LENGTH}
          onChange={(event) => onChange({ ...series, name: event.currentTarget.value || null })}
        />
        <ExpressionLibraryMenu series={series} isSound={problem === null} onChange={onChange} />
        <Tooltip label="Remove the expression">
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label="Remove the expression"
            onClick={onRemove}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Textarea
        size="xs"
        aria-label="Expression"
        classNames={{ input: classes.code ?? '' }}
        autosize
        minRows={1}
        maxRows={4}
        value={text}
        maxLength={MAX_EXPRESSION_LENGTH}
        placeholder="rate(a), a - b, movavg(a, 60)"
        error={problem === null ? null : `${problem.message}${placeOf(text, problem)}`}
        onChange={(event) => onChange({ ...series, text: event.currentTarget.value })}
      />
      <ul className={classes.inputs} aria-label="Inputs">
        {Object.entries(inputs).map(([letter, source]) => (
          <li key={letter}>
            <code>{letter}</code>
            <span className={classes.path}>
              <PlainText>{source.field}</PlainText>
            </span>
            <span className={classes.fieldTitle}>
              <PlainText>{shortPart(source.part)}</PlainText>
            </span>
            {used !== null && !used.includes(letter) ? (
              <span className={classes.unused}>not used</span>
            ) : null}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={20}
              aria-label={`Remove input ${letter}`}
              onClick={() => {
                const { [letter]: _gone, ...others } = inputs
                onChange({ ...series, inputs: others })
              }}
            >
              <IconX size={12} />
            </ActionIcon>
          </li>
        ))}
        <li>
          <Button
            variant={isTarget ? 'light' : 'subtle'}
            size="compact-xs"
            leftSection={<IconPlus size={12} />}
            disabled={nextLetter(inputs) === null}
            aria-pressed={isTarget}
            onClick={onTarget}
          >
            {isTarget ? `Choose a field for ${nextLetter(inputs) ?? ''} at the right` : 'Add an input'}
          </Button>
        </li>
      </ul>
      <p className={classes.help}>
        {Object.entries(TREND_FUNCTIONS)
          .map(([name, words]) => `${name}: ${words}`)
          .join(' · ')}
        . Also + - * / ^ %, abs, sqrt, log, min, max, round.
      </p>
    </div>
  )
}

interface ExpressionLibraryMenuProps {
  series: ExpressionSeries
  isSound: boolean
  onChange(series: ExpressionSeries): void
}

/** Expressions kept for use with any fields. */
function ExpressionLibraryMenu({ series, isSound, onChange }: ExpressionLibraryMenuProps) {
  const { client } = useApi()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const library = useQuery(trpc.layouts.expressions.queryOptions())
  const name = (series.name ?? series.text).trim().slice(0, MAX_NAME_LENGTH)

  async function change(task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (error) {
      const { message, remedy } = errorViewOf(error)
      notifications.show({
        color: 'danger',
        title: 'The library was not changed',
        message: `${message} ${remedy}`,
      })
    }
    await queries.invalidateQueries({ queryKey: trpc.layouts.expressions.queryKey() })
  }

  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Tooltip label="Library of expressions">
          <ActionIcon variant="subtle" color="gray" size={24} aria-label="Library of expressions">
            <IconBooks size={15} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconBookmarkPlus size={14} />}
          disabled={!isSound || name === ''}
          onClick={() => void change(() => client.layouts.keepExpression.mutate({ name, text: series.text }))}
        >
          Keep this one
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{library.error ? errorViewOf(library.error).message : 'Library'}</Menu.Label>
        <div className={classes.library}>
          {(library.data ?? []).map((kept) => (
            <Menu.Item
              key={kept.name}
              onClick={() => onChange({ ...series, name: kept.name, text: kept.text })}
              rightSection={
                // biome-ignore lint/a11y/useSemanticElements: a button cannot stand within the menu's own
                <span
                  role="button"
                  tabIndex={-1}
                  aria-label={`Delete ${visibleText(kept.name)}`}
                  onClick={(event) => {
                    event.stopPropagation()
                    void change(() => client.layouts.removeExpression.mutate({ name: kept.name }))
                  }}
                  onKeyDown={() => undefined}
                >
                  <IconX size={12} />
                </span>
              }
            >
              <PlainText>{kept.name}</PlainText>{' '}
              <code className={classes.keptText}>{visibleText(kept.text)}</code>
            </Menu.Item>
          ))}
          {library.data?.length === 0 ? <Menu.Label>Nothing is kept yet.</Menu.Label> : null}
        </div>
      </Menu.Dropdown>
    </Menu>
  )
}
