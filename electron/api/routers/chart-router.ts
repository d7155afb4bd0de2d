import { z } from 'zod'
import { packChart } from '../../../shared/chart-columns.ts'
import { chartWindowInput, partInput, publisherInput, timestampInput } from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

export const chartRouter = router({
  fields: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input }) => ctx.node.store.fields(input.part)),
  /** What the newest messages hold that is not indexed. */
  unindexed: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input, signal }) => ctx.node.messages.unindexed(input.part, signal)),
  publishers: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input }) => ctx.node.store.publishers(input.part)),
  window: procedure.input(chartWindowInput).query(async ({ ctx, input, signal }) => {
    const { publishers, ...rest } = input
    return packChart(await ctx.node.store.chart(publishers ? { ...rest, publishers } : rest, signal))
  }),
  states: procedure.input(chartWindowInput).query(({ ctx, input, signal }) => {
    const { publishers, ...rest } = input
    return ctx.node.store.states(publishers ? { ...rest, publishers } : rest, signal)
  }),
  timeline: procedure
    .input(
      z.object({
        part: partInput,
        from: timestampInput,
        to: timestampInput,
        maxBuckets: z.int().min(1).max(8_192),
      }),
    )
    .query(async ({ ctx: { node }, input: { part, from, to, maxBuckets } }) =>
      node.schemaMarks.addTo(await node.store.timeline(part, from, to, maxBuckets)),
    ),
  /** The stored message nearest in time: what a hover resolves to, also where points were merged. */
  nearest: procedure
    .input(z.object({ part: partInput, at: timestampInput, publisher: publisherInput.optional() }))
    .query(({ ctx, input, signal }) =>
      ctx.node.messages.nearest(input.part, input.at, input.publisher, signal),
    ),
})
