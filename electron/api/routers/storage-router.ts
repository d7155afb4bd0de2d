import { z } from 'zod'
import { partInput } from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

/** This node as a storage node of the network. What is written to the chain costs gas, shown before by `presence`. */
export const storageRouter = router({
  presence: procedure.query(({ ctx }) => ctx.node.presence.view()),
  refresh: procedure.mutation(async ({ ctx, signal }) => {
    await ctx.node.presence.refresh(signal)
    return ctx.node.presence.view()
  }),
  confirm: procedure.mutation(async ({ ctx, signal }) => {
    await ctx.node.presence.confirm(signal)
    return ctx.node.presence.view()
  }),
  withdraw: procedure.mutation(async ({ ctx, signal }) => {
    await ctx.node.presence.withdraw(signal)
    return ctx.node.presence.view()
  }),
  gaps: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input }) => ctx.node.gapFiller.gaps(input.part)),
  missingKeys: procedure.query(({ ctx }) => ctx.node.missingKeys()),
  gapSummary: procedure.query(({ ctx }) => ctx.node.gapFiller.summary()),
  retryGaps: procedure
    .input(z.object({ part: partInput.optional() }))
    .mutation(({ ctx, input }) => ctx.node.gapFiller.retry(input.part)),
})
