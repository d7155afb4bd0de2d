import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import classes from './sources.module.css'
import forms from './storage-settings.module.css'

/** The rest is found by typing. */
const MAX_SHOWN = 100

export interface MetricPickerProps {
  url: string
  patterns: readonly string[]
  onPick(patterns: string[]): void
}

/** What the exporter offers, to be picked by name. */
export function MetricPicker({ url, patterns, onPick }: MetricPickerProps) {
  const trpc = useTRPC()
  const [filter, setFilter] = useState('')
  const list = useMutation(trpc.sources.metrics.mutationOptions())
  const found = (list.data?.names ?? []).filter(({ name }) => name.includes(filter.trim()))
  return (
    <div className={classes.picker}>
      <div className={classes.pickerHead}>
        <Button
          variant="default"
          size="xs"
          loading={list.isPending}
          disabled={url.trim() === ''}
          onClick={() => list.mutate({ url: url.trim() })}
        >
          {list.data === undefined ? 'Show what it offers' : 'Look again'}
        </Button>
        {list.data === undefined ? null : (
          <TextInput
            size="xs"
            aria-label="Filter metrics"
            placeholder="Filter"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )}
      </div>
      {list.error === null ? null : (
        <p role="alert" className={forms.problem}>
          <bdi>{errorViewOf(list.error).message}</bdi> <bdi>{errorViewOf(list.error).remedy}</bdi>
        </p>
      )}
      {list.data === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard (WCAG 2.1.1)
        <ul tabIndex={0} aria-label="Metrics of the exporter">
          {found.slice(0, MAX_SHOWN).map(({ name, count, help }) => (
            <li key={name}>
              <Checkbox
                size="xs"
                label={<bdi>{visibleText(name)}</bdi>}
                description={help === null ? undefined : visibleText(help)}
                checked={patterns.includes(name)}
                onChange={({ currentTarget: { checked } }) =>
                  onPick(checked ? [...patterns, name] : patterns.filter((one) => one !== name))
                }
              />
              <span className="tabular">{count > 1 ? `${formatCount(count)} series` : ''}</span>
            </li>
          ))}
          {found.length === 0 ? <li>No metric has this in its name.</li> : null}
          {found.length > MAX_SHOWN ? <li>{`and ${formatCount(found.length - MAX_SHOWN)} more`}</li> : null}
        </ul>
      )}
    </div>
  )
}
