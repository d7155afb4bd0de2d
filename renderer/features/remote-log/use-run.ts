import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ErrorView } from '../../../shared/errors.ts'
import type { BackupEvent, LogRef, RestoreEvent } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'

/** Long work on a log. */
export type Run =
  | { kind: 'restore' | 'verify'; ref: LogRef }
  | { kind: 'back-up'; ref: LogRef; file: string }
  | { kind: 'restore-backup'; file: string }

export type RunEvent = RestoreEvent | BackupEvent

export interface RunState {
  newest: RunEvent | null
  isRunning: boolean
  error: ErrorView | null
  stop(): void
}

/** Starts the work when it is given, follows it, and ends it when it is taken away. */
export function useRun(run: Run | null): RunState {
  const { client } = useApi()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [newest, setNewest] = useState<RunEvent | null>(null)
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<ErrorView | null>(null)
  const ending = useRef<(() => void) | null>(null)

  useEffect(() => {
    setNewest(null)
    setError(null)
    if (run === null) return
    setRunning(true)
    const end = () => {
      setRunning(false)
      // A backup that was written, and one that was given up, change what is listed beside it.
      if (run.kind === 'back-up')
        void queries.invalidateQueries({ queryKey: trpc.remoteLog.backups.queryKey() })
    }
    const handlers = {
      onData: (event: RunEvent) => setNewest(event),
      onError: (failure: unknown) => {
        setError(errorViewOf(failure))
        end()
      },
      onComplete: end,
    }
    const work = start(client, run, handlers)
    const stop = () => {
      work.unsubscribe()
      end()
    }
    ending.current = stop
    return stop
  }, [client, run, queries, trpc])

  return { newest, isRunning, error, stop: () => ending.current?.() }
}

interface Handlers {
  onData(event: RunEvent): void
  onError(failure: unknown): void
  onComplete(): void
}

function start(client: ReturnType<typeof useApi>['client'], run: Run, handlers: Handlers) {
  switch (run.kind) {
    case 'restore':
      return client.remoteLog.restore.subscribe(run.ref, handlers)
    case 'verify':
      return client.remoteLog.verify.subscribe(run.ref, handlers)
    case 'back-up':
      return client.remoteLog.backUp.subscribe({ ...run.ref, file: run.file }, handlers)
    case 'restore-backup':
      return client.remoteLog.restoreBackup.subscribe({ file: run.file }, handlers)
  }
}
