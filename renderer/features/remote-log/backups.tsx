import { Button, Group, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatSize } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './remote-log.module.css'
import { RunDialog } from './run-dialog.tsx'
import type { Run } from './use-run.ts'

/** CAR files of logs: those in the data folder, and any other on the node's machine. */
export function Backups() {
  const trpc = useTRPC()
  const [run, setRun] = useState<Run | null>(null)
  const [path, setPath] = useState('')
  const files = useQuery(trpc.remoteLog.backups.queryOptions(undefined, { staleTime: 2_000 }))
  const close = () => {
    setRun(null)
    void files.refetch()
  }
  return (
    <section aria-labelledby="logs-backups" className={classes.group}>
      <h2 id="logs-backups">
        Backups <span>a whole log in one CAR file</span>
      </h2>
      <div className={classes.frame}>
        {files.data === undefined ? (
          files.error ? (
            <ErrorState title="The backups cannot be listed" error={errorViewOf(files.error)} />
          ) : (
            <LoadingState what="the backups" />
          )
        ) : files.data.length === 0 ? (
          <p className={classes.empty}>
            No file yet. “Back up to a file” in the menu of a log writes one into the data folder.
          </p>
        ) : (
          <ul className={classes.nodes}>
            {files.data.map(({ file, sizeBytes, madeAt }) => (
              <li key={file}>
                <span className={classes.nodeName}>
                  <PlainText>{file}</PlainText>
                </span>
                <span>{formatSize(sizeBytes)}</span>
                <span className={classes.quiet}>
                  <Age at={madeAt} />
                </span>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  onClick={() => setRun({ kind: 'restore-backup', file })}
                >
                  Restore
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form
          className={classes.mode}
          onSubmit={(event) => {
            event.preventDefault()
            if (path.trim() !== '') setRun({ kind: 'restore-backup', file: path.trim() })
          }}
        >
          <TextInput
            className={classes.grow}
            size="xs"
            aria-label="Path of a backup on the node’s machine"
            placeholder="Path of a CAR file elsewhere on the node’s machine"
            value={path}
            maxLength={4_096}
            spellCheck={false}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" size="xs" disabled={path.trim() === ''}>
              Restore this file
            </Button>
          </Group>
        </form>
      </div>
      <RunDialog run={run} onClose={close} />
    </section>
  )
}
