import { z } from 'zod'
import {
  digestInput,
  messageIdInput,
  messagePageInput,
  partInput,
  rangeProofInput,
  timestampInput,
  verdictInput,
} from '../../../shared/inputs.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { procedure, router } from '../trpc.ts'

/** Messages whose predecessors are asked for at once: the rows of a tall screen. */
const MAX_ASKED = 100

const oneMessage = z.object({ id: messageIdInput, digest: digestInput.optional() })

export const messagesRouter = router({
  /** `next` is the cursor (`after`) of the following page. */
  page: procedure
    .input(messagePageInput)
    .query(({ ctx, input, signal }) => ctx.node.messages.page(input, signal)),
  count: procedure
    .input(
      z.object({
        part: partInput,
        from: timestampInput,
        to: timestampInput,
        verdicts: z.array(verdictInput).min(1).max(VERDICTS.length).optional(),
      }),
    )
    .query(({ ctx, input: { part, from, to, verdicts } }) =>
      ctx.node.messages.count(part, from, to, verdicts),
    ),
  /** What the same publisher sent before each of these. */
  predecessors: procedure
    .input(z.object({ ids: z.array(messageIdInput).min(1).max(MAX_ASKED) }))
    .query(({ ctx, input, signal }) => ctx.node.messages.predecessors(input.ids, signal)),
  startOfLast: procedure
    .input(z.object({ part: partInput, count: z.int().min(1) }))
    .query(({ ctx, input, signal }) => ctx.node.messages.startOfLast(input.part, input.count, signal)),
  inspect: procedure
    .input(oneMessage)
    .query(({ ctx, input }) => ctx.node.messages.inspect(input.id, input.digest)),
  /** What became of its verdict since it was given, oldest first. */
  history: procedure
    .input(oneMessage)
    .query(({ ctx, input }) => ctx.node.messages.history(input.id, input.digest)),
  /** The signer's right, proven from the chain's state; asks an RPC endpoint. */
  rightInState: procedure
    .input(oneMessage)
    .query(({ ctx, input, signal }) => ctx.node.messages.rightInState(input.id, input.digest, signal)),
  proof: procedure
    .input(oneMessage)
    .query(({ ctx, input, signal }) => ctx.node.messages.proof(input.id, input.digest, signal)),
  /** A proof of verified messages of a range, with their places under its Merkle root. */
  rangeProof: procedure
    .input(rangeProofInput)
    .mutation(({ ctx, input, signal }) => ctx.node.messages.rangeProof(input, signal)),
})
