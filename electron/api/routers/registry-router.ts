import { z } from 'zod'
import { streamIdInput } from '../../../shared/inputs.ts'
import { registryChangeInput } from '../../../shared/registry-change.ts'
import { procedure, router } from '../trpc.ts'

/** Streamr's registry as the user reads and writes it. What is written costs gas, which `estimate` shows before. */
export const registryRouter = router({
  stream: procedure
    .input(z.object({ streamId: streamIdInput }))
    .query(({ ctx, input, signal }) => ctx.node.registry.stream(input.streamId, signal)),
  estimate: procedure
    .input(registryChangeInput)
    .query(({ ctx, input, signal }) => ctx.node.registry.estimate(input, signal)),
  /** In a block when it answers. */
  write: procedure
    .input(registryChangeInput)
    .mutation(({ ctx, input, signal }) => ctx.node.registry.write(input, signal)),
})
