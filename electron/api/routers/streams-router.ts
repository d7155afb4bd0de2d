import { z } from 'zod'
import { partInput, partitionInput, streamIdInput } from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

export const streamsRouter = router({
  list: procedure.query(({ ctx }) => ctx.node.streams.list()),
  subscribe: procedure
    .input(z.object({ streamId: streamIdInput, partition: partitionInput.optional() }))
    .mutation(({ ctx, input, signal }) =>
      ctx.node.streams.subscribe(input.streamId, input.partition ?? 0, signal),
    ),
  unsubscribe: procedure
    .input(z.object({ part: partInput }))
    .mutation(({ ctx, input }) => ctx.node.streams.unsubscribe(input.part)),
  details: procedure
    .input(z.object({ part: partInput }))
    .query(({ ctx, input, signal }) => ctx.node.streams.details(input.part, signal)),
  search: procedure
    .input(z.object({ term: z.string().trim().max(256) }))
    .query(({ ctx, input, signal }) => ctx.node.streams.search(input.term, signal)),
})
