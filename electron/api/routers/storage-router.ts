import { z } from 'zod'
import { partInput } from '../../../shared/inputs.ts'
import { apiKeyNameInput, storageHttpInput } from '../../../shared/storage-http.ts'
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
  http: procedure.query(({ ctx }) => ctx.node.storageHttp.view()),
  setHttp: procedure.input(storageHttpInput).mutation(({ ctx, input }) => ctx.node.storageHttp.change(input)),
  /** The key is answered once and kept nowhere. */
  addApiKey: procedure
    .input(z.object({ name: apiKeyNameInput }))
    .mutation(async ({ ctx, input }) => ({ key: await ctx.node.storageHttp.addKey(input.name) })),
  removeApiKey: procedure
    .input(z.object({ name: apiKeyNameInput }))
    .mutation(({ ctx, input }) => ctx.node.storageHttp.removeKey(input.name)),
  retryGaps: procedure
    .input(z.object({ part: partInput.optional() }))
    .mutation(({ ctx, input }) => ctx.node.gapFiller.retry(input.part)),
})
