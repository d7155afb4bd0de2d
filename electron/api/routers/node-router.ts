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
  /** Who may read `/metrics`, with the token itself. */
  metrics: procedure.query(({ ctx }) => ctx.node.metrics.view()),
  openMetrics: procedure
    .input(z.object({ isOpen: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.node.metrics.setOpen(input.isOpen)),
  /** Scrapers need the new token from then on. */
  rotateMetricsToken: procedure.mutation(({ ctx }) => ctx.node.metrics.rotate()),
  /** Version, licence, and the parts that are shipped under licences of their own. */
  licences: procedure.query(({ ctx }) => ctx.licences.product()),
  /** The text of one licence, by the number its parts name. */
  licenceText: procedure
    .input(z.object({ text: z.int().min(0).max(100_000) }))
    .query(({ ctx, input }) => ctx.licences.text(input.text)),
})
