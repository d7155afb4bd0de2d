import { z } from 'zod'
import { customNetworkInput, environmentInput, rpcUrlsInput } from '../../../shared/environment.ts'
import { procedure, router } from '../trpc.ts'

export const nodeRouter = router({
  status: procedure.query(({ ctx }) => ctx.node.status()),
  network: procedure.query(({ ctx }) => {
    const { fundedPrivateKey: _kept, ...shown } = ctx.node.network
    return shown
  }),
  environment: procedure.query(({ ctx }) => ctx.node.environment.view()),
  /** Takes down the environment of the next start. */
  chooseEnvironment: procedure
    .input(
      z.object({
        environment: environmentInput,
        rpcUrls: rpcUrlsInput.nullable().optional(),
        custom: customNetworkInput.nullable().optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.node.environment.choose(input)),
  /** Version, licence, and the parts that are shipped under licences of their own. */
  licences: procedure.query(({ ctx }) => ctx.licences.product()),
  /** The text of one licence, by the number its parts name. */
  licenceText: procedure
    .input(z.object({ text: z.int().min(0).max(100_000) }))
    .query(({ ctx, input }) => ctx.licences.text(input.text)),
})
