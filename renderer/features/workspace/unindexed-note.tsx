import { useQuery } from '@tanstack/react-query'
import type { FieldSummary } from '../../../shared/chart.ts'
import { useTRPC } from '../../api/provider.tsx'
import classes from './unindexed-note.module.css'
import { unindexedWords } from './unindexed-words.ts'

/** The newest messages are looked at anew so often while the note is there, ms. */
const AGAIN_MS = 10_000

/** Says what of a stream cannot be drawn, where fields are chosen; nothing where everything can. */
export function UnindexedNote({ part, fields }: { part: string; fields: readonly FieldSummary[] }) {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.chart.unindexed.queryOptions({ part }, { refetchInterval: AGAIN_MS }))
  if (data === undefined) return null
  const words = unindexedWords(fields.filter(({ indexed }) => !indexed).length, data)
  return words === null ? null : <span className={classes.note}>{words}</span>
}
