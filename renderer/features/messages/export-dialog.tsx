import { Button, Group, Progress, SegmentedControl } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import {
  EXPORT_FORMAT_WORDS,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportProgress,
} from '../../../shared/message-export.ts'
import { conditionWords } from '../../../shared/message-filter.ts'
import type { MessageFilter } from '../../api/message-list.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { downloadText } from '../../ui/download.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { MARK_WORDS, STANDING_WORDS } from '../../ui/verdict.tsx'
import classes from './export-dialog.module.css'
import { type ExportRun, useExport } from './use-export.ts'

const FORMAT_NOTES: Record<ExportFormat, string> = {
  csv: 'For spreadsheets. Texts that a spreadsheet would run as a formula get an apostrophe before them.',
  jsonl: 'One JSON object a line, with the content as it was published.',
  parquet: 'Typed columns for notebooks and databases. What the file holds stands in its footer.',
}

export interface ExportDialogProps {
  opened: boolean
  onClose(): void
  filter: MessageFilter
  columns: readonly string[] | null
}

/** Saves what the table shows, all of it, in a file. */
export function ExportDialog({ opened, onClose, filter, columns }: ExportDialogProps) {
  const run = useExport()
  const { progress, isRunning } = run
  const close = () => {
    onClose()
    if (!isRunning) run.reset()
  }
  return (
    <Dialog opened={opened} onClose={close} title="Export messages" widthPx={560}>
      {progress === null ? (
        <Choose filter={filter} columns={columns} run={run} />
      ) : (
        <Follow progress={progress} run={run} onClose={close} />
      )}
      {run.error === null ? null : (
        <p className={classes.error} role="alert">
          {run.error.message} {run.error.remedy}
        </p>
      )}
    </Dialog>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Choose({
  filter,
  columns,
  run,
}: Pick<ExportDialogProps, 'filter' | 'columns'> & { run: ExportRun }) {
  const zone = useTimeZone()
  const [format, setFormat] = useState<ExportFormat>('csv')
  const [order, setOrder] = useState<'ascending' | 'descending'>('ascending')
  const { from, to, publisher, verdicts, marks, text, conditions } = filter
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label="Format"
        data={EXPORT_FORMATS.map((value) => ({ value, label: EXPORT_FORMAT_WORDS[value] }))}
        value={format}
        onChange={(value) => setFormat(value as ExportFormat)}
      />
      <p className={classes.note}>{FORMAT_NOTES[format]}</p>
      <dl className={classes.facts}>
        <Fact name="Range">
          {formatTimestamp(from, zone)} to {to === null ? 'now' : formatTimestamp(to, zone)}
        </Fact>
        <Fact name="Filters">
          <PlainText>
            {[
              ...(publisher === null ? [] : [`publisher ${publisher}`]),
              verdicts.length === 0
                ? 'every verdict but forged'
                : verdicts.map((verdict) => STANDING_WORDS[verdict].toLowerCase()).join(' or '),
              ...(marks.length === 0
                ? []
                : [marks.map((mark) => MARK_WORDS[mark].toLowerCase()).join(' or ')]),
              ...(text.trim() === '' ? [] : [`holds “${text.trim()}”`]),
              ...conditions.map(conditionWords),
            ].join('; ')}
          </PlainText>
        </Fact>
        <Fact name="Columns">
          {columns === null ? (
            'the whole content, with verdict, digest and source of each message'
          ) : (
            <PlainText>{`${columns.join(', ')}; with verdict, digest and source of each message`}</PlainText>
          )}
        </Fact>
      </dl>
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="Order"
          data={[
            { value: 'ascending', label: 'Oldest first' },
            { value: 'descending', label: 'Newest first' },
          ]}
          value={order}
          onChange={(value) => setOrder(value as 'ascending' | 'descending')}
        />
        <Button
          loading={run.isRunning}
          onClick={() => run.start({ filter, format, order, columns })}
          data-autofocus
        >
          Export
        </Button>
      </Group>
    </>
  )
}

const STATE_WORDS: Record<ExportProgress['state'], string> = {
  waiting: 'Waiting for the download to begin',
  running: 'Saving',
  done: 'Saved',
  failed: 'Broken off',
  cancelled: 'Cancelled; what was saved is not whole and can be deleted',
}

function Follow({ progress, run, onClose }: { progress: ExportProgress; run: ExportRun; onClose(): void }) {
  const { state, rows, scanned, total, sizeBytes, fileName, citation, outcome, error } = progress
  const share =
    state === 'done' ? 100 : total === null || total === 0 ? 0 : Math.min(99, (scanned / total) * 100)
  const cited = JSON.stringify({ ...citation, outcome }, null, 2)
  return (
    <>
      <p className={classes.state} role="status">
        <strong>{STATE_WORDS[state]}</strong> <span className={classes.file}>{visibleText(fileName)}</span>
      </p>
      <Progress value={share} size="sm" aria-label="Share of the messages that are looked through" />
      <p className={classes.note}>
        {formatCount(rows)} messages, {formatSize(sizeBytes)}; scanned {formatCount(scanned)}
        {total === null ? '' : ` of ${formatCount(Math.max(total, scanned))}`}
        {outcome !== null && outcome.unfit > 0
          ? `; ${formatCount(outcome.unfit)} values did not have the type of their column and stand in the column “unfit”`
          : ''}
      </p>
      {error === null ? null : (
        <p className={classes.error} role="alert">
          {error.message} {error.remedy}
        </p>
      )}
      {outcome === null ? null : (
        <div className={classes.citation}>
          <div className={classes.citationHead}>
            <h3>Where it comes from</h3>
            <CopyButton value={cited} what="the citation" />
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => downloadText(`${fileName}.citation.json`, `${cited}\n`, 'application/json')}
            >
              Save beside the file
            </Button>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
          <section tabIndex={0} aria-label="Citation">
            <pre>{cited.split('\n').map(visibleText).join('\n')}</pre>
          </section>
        </div>
      )}
      <Group justify="flex-end" mt={14}>
        {run.isRunning ? (
          <Button variant="default" onClick={run.cancel}>
            Cancel
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={run.reset}>
              Another one
            </Button>
            <Button onClick={onClose}>Close</Button>
          </>
        )}
      </Group>
    </>
  )
}
