import { Button, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type ConditionKind, type Rule, SEVERITIES, type Severity } from '../../../shared/rules/rule.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SEVERITY_WORDS } from '../../ui/severity.tsx'
import { streamOptions } from '../../ui/stream-options.ts'
import classes from './alerts.module.css'
import { ConditionFields, readLines } from './condition-fields.tsx'
import { checkRule, firstCondition, idFor, KIND_WORDS } from './rule-draft.ts'
import { RulePreview } from './rule-preview.tsx'
import { SecondsInput } from './seconds-input.tsx'

export interface RuleEditorProps {
  /** The rule to change, or one to begin with. */
  first: Rule
  isNew: boolean
  taken: readonly string[]
  onClose(): void
}

/** A rule as a form, with what it would have done beside it. */
export function RuleEditor({ first, isNew, taken, onClose }: RuleEditorProps) {
  const trpc = useTRPC()
  const [draft, setDraft] = useState(first)
  const set = (change: Partial<Rule>) => setDraft((now) => ({ ...now, ...change }))
  const streams = useQuery(trpc.streams.list.queryOptions())
  const channels = useQuery(trpc.alerts.channels.queryOptions())
  const fields = useQuery(trpc.chart.fields.queryOptions({ part: draft.part }))
  const save = useMutation(trpc.alerts.putRule.mutationOptions({ onSuccess: onClose }))
  const named = isNew ? { ...draft, id: idFor(draft.name, taken) } : draft
  const { rule, problem } = checkRule(named)
  const { kind } = draft.condition
  const paths = (fields.data ?? []).map(({ path }) => path)

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (rule !== null) save.mutate(rule)
  }

  return (
    <Dialog opened onClose={onClose} title={isNew ? 'New rule' : 'Change rule'} widthPx={920}>
      <form onSubmit={submit}>
        <div className={classes.form}>
          <div className={classes.fields}>
            <div className={classes.pair}>
              <TextInput
                label="Name"
                value={draft.name}
                maxLength={120}
                onChange={(event) => set({ name: event.currentTarget.value })}
                data-autofocus
              />
              <Select
                label="Severity"
                data={SEVERITIES.map((value) => ({ value, label: SEVERITY_WORDS[value] }))}
                value={draft.severity}
                onChange={(value) => set({ severity: (value ?? draft.severity) as Severity })}
                allowDeselect={false}
              />
            </div>
            <Select
              label="Stream"
              searchable
              data={streamOptions(streams.data ?? [])}
              value={draft.part}
              onChange={(part) => set({ part: part ?? draft.part })}
              allowDeselect={false}
            />
            <Select
              label="Looks for"
              description={KIND_WORDS[kind].about}
              data={Object.entries(KIND_WORDS).map(([value, { label }]) => ({ value, label }))}
              value={kind}
              onChange={(value) =>
                set({ condition: firstCondition((value ?? kind) as ConditionKind, paths[0] ?? '') })
              }
              allowDeselect={false}
            />
            <ConditionFields
              key={kind}
              condition={draft.condition}
              fields={paths}
              onChange={(condition) => set({ condition })}
            />
            <div className={classes.pair}>
              <SecondsInput
                label="Fires after"
                description="It has to last so long"
                valueMs={draft.forMs}
                minMs={0}
                onChange={(forMs) => set({ forMs })}
              />
              <NumberInput
                label="Told again every"
                description="While it lasts; empty for never"
                suffix=" min"
                value={draft.repeatMs === undefined ? '' : draft.repeatMs / 60_000}
                onChange={(value) => set({ repeatMs: value === '' ? undefined : Number(value) * 60_000 })}
              />
            </div>
            <MultiSelect
              label="Tells"
              description="Channels that are told when it fires and when it is over"
              data={[...new Set([...(channels.data ?? []).map(({ name }) => name), ...draft.channels])]}
              value={draft.channels}
              onChange={(names) => set({ channels: names })}
              placeholder={draft.channels.length === 0 ? 'Nobody' : ''}
              nothingFoundMessage="There is no channel yet; make one under Channels."
            />
            <Textarea
              label="Only these publishers"
              description="One address a line; empty for all"
              className={classes.mono ?? ''}
              autosize
              minRows={1}
              maxRows={6}
              defaultValue={(draft.publishers ?? []).join('\n')}
              onChange={(event) => {
                const publishers = readLines(event.currentTarget.value)
                set({ publishers: publishers.length === 0 ? undefined : publishers })
              }}
            />
            <Textarea
              label="Note"
              description="For whoever is woken by it: what to do"
              autosize
              minRows={1}
              maxRows={6}
              maxLength={1_000}
              value={draft.note}
              onChange={(event) => set({ note: event.currentTarget.value })}
            />
          </div>
          <RulePreview rule={rule} problem={problem} />
        </div>
        {save.error ? <p className={classes.error}>{errorViewOf(save.error).message}</p> : null}
        <div className={classes.foot}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={rule === null}>
            Save rule
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
