import { useEffect, useState } from 'react'
import type { ErrorView } from '../../../shared/errors.ts'
import type { ExportFormat, ExportProgress } from '../../../shared/message-export.ts'
import { errorViewOf } from '../../api/error-view.ts'
import type { MessageFilter } from '../../api/message-list.ts'
import { useApi } from '../../api/provider.tsx'
import { downloadFrom } from '../../ui/download.ts'

export interface ExportChoice {
  filter: MessageFilter
  format: ExportFormat
  order: 'ascending' | 'descending'
  columns: readonly string[] | null
}

export interface ExportRun {
  progress: ExportProgress | null
  error: ErrorView | null
  isRunning: boolean
  start(choice: ExportChoice): void
  cancel(): void
  /** Forgets what was, for another one. */
  reset(): void
}

/** Opens an export, has the browser download it while it is made, and follows it to its end. */
export function useExport(): ExportRun {
  const { client } = useApi()
  const [id, setId] = useState<string | null>(null)
  const [isOpening, setIsOpening] = useState(false)
  const [progress, setProgress] = useState<ExportProgress | null>(null)
  const [error, setError] = useState<ErrorView | null>(null)

  useEffect(() => {
    if (id === null) return
    const work = client.exports.follow.subscribe(
      { id },
      { onData: setProgress, onError: (failure) => setError(errorViewOf(failure)) },
    )
    return () => work.unsubscribe()
  }, [client, id])

  async function open({ filter, format, order, columns }: ExportChoice): Promise<void> {
    const { part, from, to, publisher, verdicts, marks, text, conditions } = filter
    setIsOpening(true)
    setError(null)
    try {
      const opened = await client.exports.open.mutate({
        part,
        from,
        ...(to === null ? {} : { to }),
        ...(publisher === null ? {} : { publisher }),
        ...(verdicts.length === 0 ? {} : { verdicts: [...verdicts] }),
        ...(marks.length === 0 ? {} : { marks: [...marks] }),
        ...(text.trim() === '' ? {} : { text }),
        conditions: [...conditions],
        format,
        order,
        columns: columns === null ? null : [...columns],
      })
      setProgress(opened)
      setId(opened.id)
      downloadFrom(`/export/${opened.id}`, opened.fileName)
    } catch (failure) {
      setError(errorViewOf(failure))
    } finally {
      setIsOpening(false)
    }
  }

  const isRunning = isOpening || progress?.state === 'waiting' || progress?.state === 'running'
  return {
    progress,
    error,
    isRunning,
    start: (choice) => void open(choice),
    cancel() {
      if (id !== null) {
        client.exports.cancel.mutate({ id }).catch((failure: unknown) => setError(errorViewOf(failure)))
      }
    },
    reset() {
      setId(null)
      setProgress(null)
      setError(null)
    },
  }
}
