import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { sourceSchema } from '../../../shared/sources.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { MetricPicker } from './metric-picker.tsx'
import { SourceTrialView } from './source-trial.tsx'
import {
  type PortalSourceKind,
  patternsOf,
  SOURCE_WORDS,
  type SourceDraft,
  toSource,
} from './source-words.ts'
import classes from './sources.module.css'
import forms from './storage-settings.module.css'

export interface SourceEditorProps {
  first: SourceDraft
  isNew: boolean
  onClose(): void
}

/** The form of a source, which is tried before it is kept. */
export function SourceEditor({ first, isNew, onClose }: SourceEditorProps) {
  const trpc = useTRPC()
  const [draft, setDraft] = useState(first)
  const trial = useMutation(trpc.sources.try.mutationOptions())
  const save = useMutation(trpc.sources.put.mutationOptions({ onSuccess: onClose }))
  const checked = sourceSchema.safeParse(toSource(draft))
  const set = (change: Partial<SourceDraft>): void => {
    setDraft({ ...draft, ...change })
    trial.reset()
  }
  const words = SOURCE_WORDS[draft.kind]
  const text = (key: 'validator' | 'vote' | 'identity', label: string, description: string) => (
    <TextInput
      size="xs"
      label={label}
      description={description}
      value={draft[key]}
      maxLength={64}
      onChange={(event) => set({ [key]: event.currentTarget.value })}
    />
  )
  const seconds = (key: 'intervalMs' | 'jitterMs' | 'batchMs', label: string, description: string) => (
    <NumberInput
      size="xs"
      label={label}
      description={description}
      value={draft[key] / 1_000}
      min={key === 'intervalMs' ? 1 : 0}
      max={3_600}
      allowDecimal={false}
      suffix=" s"
      onChange={(value) => set({ [key]: Number(value) * 1_000 })}
    />
  )
  const problem =
    checked.success || draft.name === '' || draft.address === '' ? null : checked.error.issues[0]
  const failure = save.error ?? trial.error

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (checked.success) save.mutate(checked.data)
  }

  return (
    <Dialog opened onClose={onClose} title={isNew ? 'New source' : 'Change source'} widthPx={640}>
      <form onSubmit={submit} className={classes.form}>
        <div className={forms.grid}>
          <Select
            size="xs"
            label="Kind"
            description={words.about}
            data={Object.entries(SOURCE_WORDS).map(([value, { label }]) => ({ value, label }))}
            value={draft.kind}
            allowDeselect={false}
            onChange={(kind) => set({ kind: (kind ?? draft.kind) as PortalSourceKind })}
          />
          <TextInput
            size="xs"
            label="Name"
            description="Its readings stand under this name"
            placeholder="geth"
            value={draft.name}
            disabled={!isNew}
            maxLength={32}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
        </div>
        <TextInput
          size="xs"
          label={draft.kind === 'clock' ? 'Time server' : 'Address'}
          description="Kept on this machine; never published or logged, as it may hold a key"
          placeholder={words.placeholder}
          value={draft.address}
          maxLength={2_048}
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
        {draft.kind === 'cometbft'
          ? text('validator', 'Validator (optional)', 'Consensus address, 40 hex digits')
          : null}
        {draft.kind === 'solana' ? (
          <div className={forms.grid}>
            {text('vote', 'Vote account (optional)', 'Of the validator to watch')}
            {text('identity', 'Identity (optional)', 'Whose balance pays for votes')}
          </div>
        ) : null}
        {draft.kind === 'prometheus' ? (
          <>
            <Textarea
              size="xs"
              label="Metrics"
              description={
                'One pattern a line: * stands for any text, name{label="value"} for one of several'
              }
              placeholder={'node_load*\nnode_filesystem_avail_bytes{*mountpoint="/"*}'}
              value={draft.metrics}
              autosize
              minRows={2}
              maxRows={8}
              onChange={(event) => set({ metrics: event.currentTarget.value })}
            />
            <MetricPicker
              url={draft.address}
              patterns={patternsOf(draft.metrics)}
              onPick={(patterns) => set({ metrics: patterns.join('\n') })}
            />
          </>
        ) : null}
        <div className={classes.three}>
          {seconds('intervalMs', 'Every', 'Between two samples')}
          {seconds('jitterMs', 'Jitter', 'Put off by up to this')}
          {seconds('batchMs', 'Batch', 'Sent together; 0 for at once')}
        </div>
        {problem === null ? null : (
          <p role="status" className={forms.problem}>{`${problem?.path.join('.')}: ${problem?.message}`}</p>
        )}
        {failure === null ? null : (
          <p role="alert" className={forms.problem}>
            <bdi>{errorViewOf(failure).message}</bdi> <bdi>{errorViewOf(failure).remedy}</bdi>
          </p>
        )}
        {trial.data === undefined ? null : <SourceTrialView trial={trial.data} />}
        <div className={forms.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="default"
            size="xs"
            loading={trial.isPending}
            disabled={!checked.success}
            onClick={() => checked.success && trial.mutate(checked.data)}
          >
            Test
          </Button>
          <Button type="submit" size="xs" loading={save.isPending} disabled={!checked.success}>
            Save source
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
