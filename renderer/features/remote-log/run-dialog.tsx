import { Button, Group } from '@mantine/core'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import type { RestoreReportView } from '../../../shared/remote-log.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Time } from '../../ui/time.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'
import { type Run, type RunEvent, useRun } from './use-run.ts'

const TITLES: Record<Run['kind'], string> = {
  restore: 'Restoring a log',
  verify: 'Verifying a log',
  'back-up': 'Backing up a log',
  'restore-backup': 'Restoring a backup',
}

/** Long work in front of the page: how far it is, and what came of it. Closing it stops the work. */
export function RunDialog({ run, onClose }: { run: Run | null; onClose: () => void }) {
  const { newest, isRunning, error, stop } = useRun(run)
  return (
    <Dialog
      opened={run !== null}
      onClose={onClose}
      title={run === null ? '' : TITLES[run.kind]}
      widthPx={560}
    >
      <div className={classes.run} role="status" aria-busy={isRunning}>
        {newest === null ? (
          error === null ? (
            <p>{isRunning ? 'Asking for the head…' : 'Stopped. What was restored so far stays.'}</p>
          ) : null
        ) : (
          <Told event={newest} isVerifying={run?.kind === 'verify'} />
        )}
        {error === null ? null : <Problem error={error} />}
      </div>
      <Group justify="flex-end" mt="lg" gap="xs">
        {isRunning ? (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button onClick={onClose} data-autofocus>
            Close
          </Button>
        )}
      </Group>
    </Dialog>
  )
}

function Told({ event, isVerifying }: { event: RunEvent; isVerifying: boolean }) {
  switch (event.kind) {
    case 'report':
      return <Report report={event.report} isVerifying={isVerifying} />
    case 'done':
      return (
        <p>
          <strong>Written.</strong> {formatCount(event.progress.messages)} messages,{' '}
          {formatSize(event.progress.sizeBytes)}, in <code>{event.file}</code>
        </p>
      )
    case 'progress': {
      const { progress } = event
      if ('blocks' in progress) {
        return (
          <p>
            {formatCount(progress.messages)} messages, {formatCount(progress.blocks)} blocks,{' '}
            {formatSize(progress.sizeBytes)} written
          </p>
        )
      }
      return (
        <p>
          {formatCount(progress.restored.verified)} messages verified
          {progress.duplicates > 0 ? `, ${formatCount(progress.duplicates)} here already` : ''};{' '}
          {formatCount(progress.pagesRead)} pages, {formatSize(progress.bytesRead)} read
          {progress.reachedBack === null ? null : (
            <>
              , back to <Time at={progress.reachedBack} />
            </>
          )}
        </p>
      )
    }
  }
}

function Report({ report, isVerifying }: { report: RestoreReportView; isVerifying: boolean }) {
  const { restored, duplicates, failed, findings, isComplete } = report
  const counts: [string, number][] = [
    ['verified', restored.verified],
    ['pending', restored.pending],
    ['unauthorised', restored.unauthorised],
    ['forged', restored.forged],
    ['refused', restored.refused],
    ['here already', duplicates],
    ['out of reach', failed],
  ]
  const isGood = isComplete && findings.length === 0
  return (
    <>
      <p>
        <strong>
          {isGood
            ? isVerifying
              ? 'Whole and good.'
              : 'Restored in full.'
            : isComplete
              ? 'Read in full, with findings.'
              : 'Read in part; another run goes on from here.'}
        </strong>{' '}
        {formatCount(report.messages)} messages on {formatCount(report.pages)} pages and the head,{' '}
        {formatSize(report.bytesRead)} read.
      </p>
      <dl className={classes.counts}>
        {counts
          .filter(([word, count]) => count > 0 || word === 'verified')
          .map(([word, count]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{formatCount(count)}</dd>
            </div>
          ))}
      </dl>
      {findings.length === 0 ? null : (
        <ul className={classes.findingList}>
          {findings.map(({ sentence }) => (
            <li key={sentence}>
              <bdi>{sentence}</bdi>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
