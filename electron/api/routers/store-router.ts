import { z } from 'zod'
import { partInput } from '../../../shared/inputs.ts'
import { withProgress } from '../progress.ts'
import { procedure, router } from '../trpc.ts'

/** Retention of a century is none; sizes up to what SQLite can hold. */
const MAX_AGE_MS = 100 * 366 * 86_400_000
const MAX_BYTES = 2 ** 47

const retentionInput = z.object({
  part: partInput,
  maxAgeMs: z.int().positive().max(MAX_AGE_MS).nullable(),
  maxBytes: z.int().positive().max(MAX_BYTES).nullable(),
})

/** A plain name: backups go into the data folder, wherever the asker would like them to be. */
const backupNameInput = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)

interface RebuildReport {
  part: string
  stage: string
  messagesRead: number
}

interface BackupReport {
  copiedPages: number
  totalPages: number
}

/** Care of the message store: what it holds, how long, and copies of it. */
export const storeRouter = router({
  usage: procedure.query(({ ctx }) => ctx.node.store.storage()),
  integrity: procedure.query(async ({ ctx }) => ({
    ...ctx.node.store.status(),
    damages: await ctx.node.store.damages(),
  })),
  retention: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input }) => ctx.node.store.retention(input.part)),
  setRetention: procedure
    .input(retentionInput)
    .mutation(({ ctx, input: { part, ...limits } }) => ctx.node.store.setRetention(part, limits)),
  compact: procedure.mutation(({ ctx, signal }) => ctx.node.store.compact(signal)),
  /** Makes chains, gaps and pyramid anew from the messages; yields progress. */
  rebuild: procedure.input(z.object({ part: partInput.optional() })).subscription(({ ctx, input, signal }) =>
    withProgress<RebuildReport>(async (onProgress, aborted) => {
      const part = input.part === undefined ? {} : { part: input.part }
      await ctx.node.store.rebuildPyramid({ ...part, onProgress, signal: aborted })
    }, signal),
  ),
  /** Copies the store, while it is written to, into the data folder's `backups`; yields progress. */
  backup: procedure.input(z.object({ name: backupNameInput })).subscription(({ ctx, input, signal }) =>
    withProgress<BackupReport>(async (onProgress, aborted) => {
      await ctx.node.backUp(input.name, { onProgress, signal: aborted })
    }, signal),
  ),
})
