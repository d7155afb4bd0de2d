import { Button, Group, Popover, SegmentedControl, Text, TextInput } from '@mantine/core'
import { IconCalendarTime } from '@tabler/icons-react'
import { useState } from 'react'
import { formatClock, formatDate, type TimeZone, zoneLabel } from '../../shared/format/time.ts'
import { MAX_SPAN_MS, MIN_SPAN_MS, type TimeRange } from '../../shared/view-link.ts'
import { fromInputValue, toInputValue } from './date-input.ts'
import classes from './time-range-control.module.css'

export const SPANS: readonly { label: string; spanMs: number }[] = [
  { label: '5m', spanMs: 300_000 },
  { label: '1h', spanMs: 3_600_000 },
  { label: '1d', spanMs: 86_400_000 },
  { label: '1w', spanMs: 604_800_000 },
]

export interface TimeRangeControlProps {
  range: TimeRange
  zone: TimeZone
  onChange(range: TimeRange): void
}

function rangeLabel(from: number, to: number, zone: TimeZone): string {
  const sameDay = formatDate(from, zone) === formatDate(to, zone)
  const start = `${formatDate(from, zone)} ${formatClock(from, zone)}`.trim()
  const end = sameDay ? formatClock(to, zone) : `${formatDate(to, zone)} ${formatClock(to, zone)}`.trim()
  return `${start} – ${end}`
}

function CustomRange({ range, zone, onChange }: TimeRangeControlProps) {
  const shown = range.kind === 'fixed' ? range : { from: Date.now() - range.spanMs, to: Date.now() }
  const [from, setFrom] = useState(() => toInputValue(shown.from, zone))
  const [to, setTo] = useState(() => toInputValue(shown.to, zone))
  const start = fromInputValue(from, zone)
  const end = fromInputValue(to, zone)
  const span = start === null || end === null ? Number.NaN : end - start
  const problem =
    start === null || end === null
      ? 'Enter both times.'
      : span < MIN_SPAN_MS
        ? 'The end must be later than the beginning.'
        : span > MAX_SPAN_MS
          ? 'At most twenty years.'
          : null
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (problem === null && start !== null && end !== null)
          onChange({ kind: 'fixed', from: start, to: end })
      }}
    >
      <TextInput
        type={zone === 'epoch' ? 'text' : 'datetime-local'}
        step={1}
        label="From"
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        type={zone === 'epoch' ? 'text' : 'datetime-local'}
        step={1}
        label="To"
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Group justify="space-between" mt={4}>
        <Text size="xs" c={problem === null ? 'dimmed' : 'var(--tm-forged)'} role="status">
          {problem ?? zoneLabel(zone, shown.to)}
        </Text>
        <Button type="submit" size="xs" disabled={problem !== null}>
          Show
        </Button>
      </Group>
    </form>
  )
}

/** Live or past, and how much of it. */
export function TimeRangeControl({ range, zone, onChange }: TimeRangeControlProps) {
  const [opened, setOpened] = useState(false)
  const spanMs = range.kind === 'live' ? range.spanMs : range.to - range.from
  const preset = range.kind === 'live' ? SPANS.find((span) => span.spanMs === spanMs) : undefined
  return (
    <div className={classes.control}>
      <Button
        variant="default"
        size="xs"
        className={classes.live}
        data-live={range.kind === 'live' || undefined}
        aria-pressed={range.kind === 'live'}
        onClick={() => onChange({ kind: 'live', spanMs })}
      >
        <span className={classes.dot} aria-hidden />
        Live
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="Length of time shown"
        value={preset?.label ?? ''}
        onChange={(label) => {
          const span = SPANS.find((candidate) => candidate.label === label)
          if (span !== undefined) onChange({ kind: 'live', spanMs: span.spanMs })
        }}
        data={SPANS.map((span) => span.label)}
        transitionDuration={0}
        classNames={{ root: classes.spans ?? '' }}
      />
      <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="default"
            size="xs"
            className={classes.custom}
            data-chosen={range.kind === 'fixed' || undefined}
            leftSection={<IconCalendarTime size={14} />}
            onClick={() => setOpened(!opened)}
          >
            <span className={classes.customLabel}>
              {range.kind === 'fixed' ? rangeLabel(range.from, range.to, zone) : 'Custom'}
            </span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <CustomRange
            range={range}
            zone={zone}
            onChange={(next) => {
              setOpened(false)
              onChange(next)
            }}
          />
        </Popover.Dropdown>
      </Popover>
    </div>
  )
}
