import { procedure, router } from '../trpc.ts'

export const nodeRouter = router({
  status: procedure.query(({ ctx }) => ctx.node.status()),
  network: procedure.query(({ ctx }) => {
    const { fundedPrivateKey: _kept, ...shown } = ctx.node.network
    return shown
  }),
})
