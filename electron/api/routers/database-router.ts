import { z } from 'zod'
import { databaseChoiceInput, databasePasswordInput, databaseServerInput } from '../../../shared/database.ts'
import { procedure, router } from '../trpc.ts'

/** Left out: as it is kept. Null: none. It goes in and never comes out. */
const passwordInput = databasePasswordInput.nullable().optional()

/** Where messages are kept. */
export const databaseRouter = router({
  view: procedure.query(({ ctx }) => ctx.node.database.view(ctx.node.store.status().spool)),
  change: procedure
    .input(z.strictObject({ choice: databaseChoiceInput, password: passwordInput }))
    .mutation(async ({ ctx, input }) => {
      await ctx.node.database.change(input.choice, input.password)
      return ctx.node.database.view(ctx.node.store.status().spool)
    }),
  /** Goes to a server and looks; nothing is changed there or here. */
  test: procedure
    .input(z.strictObject({ server: databaseServerInput, password: passwordInput }))
    .mutation(({ ctx, input, signal }) => ctx.node.database.test(input.server, input.password, signal)),
})
