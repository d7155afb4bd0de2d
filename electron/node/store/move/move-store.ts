import { TidemarkError } from '../../../../shared/errors.ts'
import type { StoreLocation } from '../reader-connection.ts'
import { toStoreError } from '../store-errors.ts'
import { type Comparison, compareSides } from './compare-sides.ts'
import { copyTables } from './copy-tables.ts'
import { forgetProgress } from './move-progress.ts'
import { countAll, openSource, openTarget } from './move-side.ts'

export interface MoveReport {
  stage: 'copy' | 'compare'
  /** Rows copied, or messages compared, and of how many. */
  done: number
  total: number
}

export interface MoveOptions {
  from: StoreLocation
  to: StoreLocation
  onProgress(report: MoveReport): void
  signal: AbortSignal
}

/**
 * Copies a store that nobody writes to another engine and compares both. It blocks its thread for moments at a time:
 * for a process of its own. Interrupted, it goes on where it was when it is called again. The source is not changed.
 * @throws {TidemarkError} `database-unsuitable` when the target is not empty or in the end not the same, `aborted`
 */
export async function moveStore({ from, to, onProgress, signal }: MoveOptions): Promise<Comparison> {
  const source = openSource(from)
  try {
    const target = openTarget(to)
    try {
      const totalRows = countAll(source)
      await copyTables({
        ...{ source, target, totalRows, signal },
        from: nameOf(from),
        onProgress: ({ rows }) => onProgress({ stage: 'copy', done: rows, total: totalRows }),
      })
      const total = source.count('messages')
      const comparison = await compareSides(
        source,
        target,
        (messages) => onProgress({ stage: 'compare', done: messages, total }),
        signal,
      )
      if (comparison.differences.length > 0) throw notTheSame(comparison)
      forgetProgress(target)
      return comparison
    } finally {
      target.close()
    }
  } catch (error) {
    throw toStoreError(error)
  } finally {
    source.close()
  }
}

function nameOf(location: StoreLocation): string {
  if (location.engine === 'sqlite') return `sqlite ${location.file}`
  const { host, port, database, schema } = location.wire
  return `postgres ${host}:${port}/${database} ${schema}`
}

function notTheSame({ differences }: Comparison): TidemarkError {
  return new TidemarkError(
    'database-unsuitable',
    `What was copied is not the same as what is there: ${differences.join('; ')}. Nothing was switched.`,
    'Stop every other node that writes into either of them, empty the target, and move again.',
  )
}
