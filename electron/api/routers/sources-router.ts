import { z } from 'zod'
import { sourceNameInput, sourceSchema } from '../../../shared/sources.ts'
import { procedure, router } from '../trpc.ts'

/** What this node measures of other software, for a stream of its own. */
export const sourcesRouter = router({
  view: procedure.query(({ ctx }) => ctx.node.sources.view()),
  /** Measures and publishes nothing. */
  try: procedure
    .input(sourceSchema)
    .mutation(({ ctx, input, signal }) => ctx.node.sources.try(input, signal)),
  /** Names an exporter offers. */
  metrics: procedure
    .input(z.object({ url: z.string().max(2_048) }))
    .mutation(({ ctx, input, signal }) => ctx.node.sources.metricsAt(input.url, signal)),
  put: procedure.input(sourceSchema).mutation(({ ctx, input }) => ctx.node.sources.put(input)),
  remove: procedure
    .input(z.object({ name: sourceNameInput }))
    .mutation(({ ctx, input }) => ctx.node.sources.remove(input.name)),
  estimate: procedure.query(({ ctx, signal }) => ctx.node.sources.estimate(signal)),
  /** Costs what `estimate` said at most; in a block when it answers. */
  makeStream: procedure.mutation(({ ctx, signal }) => ctx.node.sources.makeStream(signal)),
})
