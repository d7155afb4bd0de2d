import { z } from 'zod'
import {
  digestInput,
  messageIdInput,
  messagePageInput,
  partInput,
  rangeProofInput,
} from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

const oneMessage = z.object({ id: messageIdInput, digest: digestInput.optional() })

export const messagesRouter = router({
  /** `next` is the cursor (`after`) of the following page. */
  page: procedure
    .input(messagePageInput)
    .query(({ ctx, input, signal }) => ctx.node.messages.page(input, signal)),
  startOfLast: procedure
    .input(z.object({ part: partInput, count: z.int().min(1) }))
    .query(({ ctx, input, signal }) => ctx.node.messages.startOfLast(input.part, input.count, signal)),
  inspect: procedure
    .input(oneMessage)
    .query(({ ctx, input }) => ctx.node.messages.inspect(input.id, input.digest)),
  proof: procedure
    .input(oneMessage)
    .query(({ ctx, input, signal }) => ctx.node.messages.proof(input.id, input.digest, signal)),
  /** A proof of verified messages of a range, with their places under its Merkle root. */
  rangeProof: procedure
    .input(rangeProofInput)
    .mutation(({ ctx, input, signal }) => ctx.node.messages.rangeProof(input, signal)),
})
