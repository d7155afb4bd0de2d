import { ActionIcon, Button, Group, NumberInput, Select, TextInput } from '@mantine/core'
import { IconMathFunction, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import {
  type FieldSource,
  MAX_NAME_LENGTH,
  MAX_SERIES_PER_PANEL,
  MAX_UNIT_LENGTH,
  PANEL_KINDS,
  type Panel,
  type PanelKind,
  type PanelSeries,
} from '../../../shared/layout.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { KIND_WORDS } from './add-panel.tsx'
import { humanise } from './default-panels.ts'
import { ExpressionEditor, nextLetter } from './expression-editor.tsx'
import { shortPart } from './line-names.ts'
import { MessageSources } from './message-sources.tsx'
import { leastSize } from './pack-panels.ts'
import classes from './panel-editor.module.css'
import { SourcePicker } from './source-picker.tsx'
import { useWorkspace } from './workspace-context.ts'

export interface PanelEditorProps {
  panel: Panel
  onDone(panel: Panel): void
  onClose(): void
}

function accepts(kind: PanelKind, field: FieldSummary): boolean {
  if (!field.indexed) return false
  if (kind === 'messages') return false
  return kind === 'states' ? field.kind !== 'number' : field.kind === 'number'
}

/** A panel that was not named is called after what it shows. */
function namedPanel(panel: Panel): Panel {
  const words = KIND_WORDS[panel.kind].name
  const isUnnamed =
    panel.title.trim() === '' || Object.values(KIND_WORDS).some(({ name }) => name === panel.title)
  const [first] = panel.series
  if (!isUnnamed || first === undefined) return { ...panel, title: panel.title.trim() || words }
  const title =
    first.kind === 'field'
      ? humanise(first.field.split('.').at(-1) ?? first.field)
      : first.kind === 'expression'
        ? (first.name ?? first.text)
        : 'Messages'
  return { ...panel, title: title.slice(0, MAX_NAME_LENGTH) }
}

/** Everything a panel is: its kind, its names, and the series it draws. */
export function PanelEditor({ panel, onDone, onClose }: PanelEditorProps) {
  const workspace = useWorkspace()
  const [draft, setDraft] = useState(panel)
  const [part, setPart] = useState(workspace.part)
  /** Number of the expression that the picker's fields go to; null adds them to the panel. */
  const [target, setTarget] = useState<number | null>(null)
  const { kind, series } = draft
  const isFull = series.length >= MAX_SERIES_PER_PANEL

  function setSeries(next: PanelSeries[]): void {
    setDraft({ ...draft, series: next })
  }
  function setKind(next: PanelKind): void {
    const least = leastSize(next)
    const place = { ...draft.place, w: Math.max(draft.place.w, least.w), h: Math.max(draft.place.h, least.h) }
    const isOther =
      (next === 'states') !== (kind === 'states') || (next === 'messages') !== (kind === 'messages')
    const messages: PanelSeries[] = [{ kind: 'messages', part: workspace.part, publisher: null }]
    setTarget(null)
    setDraft({
      ...draft,
      kind: next,
      place,
      series: isOther ? (next === 'messages' ? messages : []) : series,
    })
  }
  function pick(source: FieldSource): void {
    const aimed = target === null ? undefined : series[target]
    if (aimed?.kind === 'expression') {
      const letter = nextLetter(aimed.inputs)
      if (letter === null) return
      const next = { ...aimed, inputs: { ...aimed.inputs, [letter]: source } }
      setSeries(series.map((one, index) => (index === target ? next : one)))
    } else if (!isFull) setSeries([...series, { kind: 'field', ...source, name: null }])
  }
  function addExpression(): void {
    const known = series.find((one) => one.kind === 'field')
    const inputs =
      known === undefined ? {} : { a: { part: known.part, publisher: known.publisher, field: known.field } }
    setTarget(series.length)
    setSeries([
      ...series,
      { kind: 'expression', name: null, text: known === undefined ? 'a' : 'rate(a)', inputs },
    ])
  }

  return (
    <Dialog
      opened
      onClose={onClose}
      title={panel.series.length === 0 ? 'New panel' : 'Edit the panel'}
      widthPx={920}
    >
      <div className={classes.editor}>
        <div className={classes.settings}>
          <div className={classes.row}>
            <Select
              size="xs"
              label="Kind"
              allowDeselect={false}
              value={kind}
              data={PANEL_KINDS.map((value) => ({ value, label: KIND_WORDS[value].name }))}
              onChange={(next) => next !== null && setKind(next as PanelKind)}
            />
            <TextInput
              size="xs"
              label="Title"
              value={draft.title}
              maxLength={MAX_NAME_LENGTH}
              onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
            />
          </div>
          {kind === 'messages' || kind === 'states' ? null : (
            <div className={classes.row}>
              <TextInput
                size="xs"
                label="Unit"
                placeholder="As the fields say"
                value={draft.unit ?? ''}
                maxLength={MAX_UNIT_LENGTH}
                onChange={(event) => setDraft({ ...draft, unit: event.currentTarget.value || null })}
              />
              <NumberInput
                size="xs"
                label="Least"
                placeholder="As seen"
                value={draft.min ?? ''}
                onChange={(value) => setDraft({ ...draft, min: typeof value === 'number' ? value : null })}
              />
              <NumberInput
                size="xs"
                label="Greatest"
                placeholder="As seen"
                value={draft.max ?? ''}
                onChange={(value) => setDraft({ ...draft, max: typeof value === 'number' ? value : null })}
              />
            </div>
          )}
          <h3 className={classes.heading}>{kind === 'messages' ? 'Streams' : 'Series'}</h3>
          <ul className={classes.series}>
            {series.length === 0 ? (
              <li className={classes.empty}>Nothing is drawn yet. Choose fields at the right.</li>
            ) : null}
            {series.map((one, index) => {
              const remove = () => {
                setTarget(null)
                setSeries(series.filter((_, at) => at !== index))
              }
              if (one.kind === 'expression') {
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: series have no name of their own
                  <li key={index}>
                    <ExpressionEditor
                      series={one}
                      isTarget={target === index}
                      onTarget={() => setTarget(target === index ? null : index)}
                      onRemove={remove}
                      onChange={(next) => setSeries(series.map((old, at) => (at === index ? next : old)))}
                    />
                  </li>
                )
              }
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: series have no name of their own
                <li key={index} className={classes.source}>
                  <span className={classes.path}>
                    <PlainText>{one.kind === 'field' ? one.field : 'every message'}</PlainText>
                  </span>
                  <span className={classes.fieldTitle}>
                    <PlainText>{shortPart(one.part)}</PlainText>
                  </span>
                  <span className={classes.fieldTitle}>
                    {one.publisher === null ? 'each publisher' : shortenMiddle(one.publisher, 6, 4)}
                  </span>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    aria-label={`Remove ${one.kind === 'field' ? one.field.slice(0, 60) : 'the messages'}`}
                    onClick={remove}
                  >
                    <IconTrash size={14} />
                  </ActionIcon>
                </li>
              )
            })}
          </ul>
          {kind === 'messages' || kind === 'states' ? null : (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconMathFunction size={14} />}
              disabled={isFull}
              onClick={addExpression}
            >
              Add an expression
            </Button>
          )}
        </div>
        {kind === 'messages' ? (
          <MessageSources
            part={part}
            onPart={setPart}
            disabled={isFull}
            onAdd={(next) => setSeries([...series, next])}
          />
        ) : (
          <SourcePicker
            purpose={target === null ? 'Fields to draw' : 'Fields for the expression'}
            part={part}
            onPart={setPart}
            accepts={(field) => accepts(kind, field)}
            onPick={pick}
          />
        )}
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={series.length === 0} onClick={() => onDone(namedPanel(draft))}>
          {panel.series.length === 0 ? 'Add the panel' : 'Apply'}
        </Button>
      </Group>
    </Dialog>
  )
}
