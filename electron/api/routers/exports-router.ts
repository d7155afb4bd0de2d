import { z } from 'zod'
import { exportInput } from '../../../shared/inputs.ts'
import type { ExportProgress } from '../../../shared/message-export.ts'
import { procedure, router } from '../trpc.ts'

const oneExport = z.object({ id: z.uuid() })

/** Progress is told this often, ms: a person sees no more. */
const TELL_EVERY_MS = 200

/** Files of messages: opened here, downloaded from `EXPORT_PATH`, watched and cancelled here. */
export const exportsRouter = router({
  open: procedure.input(exportInput).mutation(({ ctx, input }) => ctx.node.exports.open(input)),
  progress: procedure.input(oneExport).query(({ ctx, input }) => ctx.node.exports.progress(input.id)),
  /** How far it is, until it has ended. */
  follow: procedure.input(oneExport).subscription(async function* ({ ctx, input, signal }) {
    for (;;) {
      const progress: ExportProgress = ctx.node.exports.progress(input.id)
      yield progress
      if (progress.state !== 'waiting' && progress.state !== 'running') return
      if (signal?.aborted) return
      await new Promise((resolve) => setTimeout(resolve, TELL_EVERY_MS))
    }
  }),
  cancel: procedure.input(oneExport).mutation(({ ctx, input }) => ctx.node.exports.cancel(input.id)),
})
