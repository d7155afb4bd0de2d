import { z } from 'zod'
import { auditIdInput, auditRequestInput } from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

const oneAudit = z.object({ id: auditIdInput })

/** Audits of ranges: begun, watched, paused, and their signed reports. Progress is announced on the feed. */
export const auditRouter = router({
  list: procedure.query(({ ctx }) => ctx.node.audits.list()),
  get: procedure.input(oneAudit).query(({ ctx, input }) => ctx.node.audits.get(input.id)),
  begin: procedure.input(auditRequestInput).mutation(({ ctx, input }) => ctx.node.audits.begin(input)),
  pause: procedure.input(oneAudit).mutation(({ ctx, input }) => ctx.node.audits.pause(input.id)),
  resume: procedure.input(oneAudit).mutation(({ ctx, input }) => ctx.node.audits.resume(input.id)),
  remove: procedure.input(oneAudit).mutation(({ ctx, input }) => ctx.node.audits.remove(input.id)),
  /** What a finished audit found, without the raw messages. */
  outcome: procedure.input(oneAudit).query(({ ctx, input }) => ctx.node.audits.outcome(input.id)),
  /** The signed report as a file to keep. */
  report: procedure.input(oneAudit).query(async ({ ctx, input }) => ({
    fileName: `tidemark-audit-${input.id}.json`,
    json: await ctx.node.audits.report(input.id),
  })),
  /** The report to print, in base64, with the signed one inside. */
  pdf: procedure.input(oneAudit).query(async ({ ctx, input }) => ({
    fileName: `tidemark-audit-${input.id}.pdf`,
    base64: Buffer.from(await ctx.node.audits.pdf(input.id)).toString('base64'),
  })),
})
