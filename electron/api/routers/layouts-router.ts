import { z } from 'zod'
import {
  keptExpressionSchema,
  layoutIdInput,
  layoutNameInput,
  MAX_LAYOUT_BYTES,
  parseLayout,
} from '../../../shared/layout.ts'
import { procedure, router } from '../trpc.ts'

const byId = z.object({ id: layoutIdInput })
/** As text, so that what is wrong with it is told in the words of `parseLayout`. */
const layoutInput = z.string().max(MAX_LAYOUT_BYTES)

/** Arranged workspaces and the library of expressions, kept by the node for all its windows. */
export const layoutsRouter = router({
  list: procedure.query(({ ctx }) => ctx.node.layouts.list()),
  get: procedure.input(byId).query(({ ctx, input }) => ctx.node.layouts.get(input.id)),
  save: procedure
    .input(z.object({ id: layoutIdInput.optional(), layout: layoutInput }))
    .mutation(async ({ ctx, input }) => ({
      id: await ctx.node.layouts.save(parseLayout(input.layout), input.id),
    })),
  rename: procedure
    .input(byId.extend({ name: layoutNameInput }))
    .mutation(({ ctx, input }) => ctx.node.layouts.rename(input.id, input.name)),
  remove: procedure.input(byId).mutation(({ ctx, input }) => ctx.node.layouts.remove(input.id)),
  expressions: procedure.query(({ ctx }) => ctx.node.layouts.expressions.list()),
  keepExpression: procedure
    .input(keptExpressionSchema)
    .mutation(({ ctx, input }) => ctx.node.layouts.expressions.keep(input)),
  removeExpression: procedure
    .input(z.object({ name: layoutNameInput }))
    .mutation(({ ctx, input }) => ctx.node.layouts.expressions.remove(input.name)),
})
