import { z } from 'zod'
import {
  digestInput,
  messageIdInput,
  partInput,
  publisherInput,
  timestampInput,
} from '../../../shared/inputs.ts'
import { MAX_REASON_LENGTH, multiaddrInput, peerNameInput, peersInput } from '../../../shared/peers.ts'
import { procedure, router } from '../trpc.ts'

const MAX_SEQUENCE = 2_147_483_647
/** Newest messages one federated query may be asked for. */
const MAX_LAST = 10_000_000

const queryInput = z.object({
  part: partInput,
  from: timestampInput.optional(),
  to: timestampInput.optional(),
  last: z.int().min(1).max(MAX_LAST).optional(),
  publisher: publisherInput.optional(),
  /** Whether what peers bring is kept on disk; as chosen for the stream part when it is left out. */
  keep: z.boolean().optional(),
})

const queryId = z.object({ id: z.uuid() })

/** This node among its peers, and queries that are answered from all of them. */
export const networkRouter = router({
  self: procedure.query(({ ctx }) => ctx.node.peers.self()),
  peers: procedure.query(({ ctx }) => ctx.node.peers.peers()),
  bans: procedure.query(({ ctx }) => ctx.node.peers.bans()),
  addPeer: procedure
    .input(z.object({ multiaddr: multiaddrInput }))
    .mutation(({ ctx, input, signal }) => ctx.node.peers.add(input.multiaddr, signal)),
  removePeer: procedure
    .input(z.object({ multiaddr: multiaddrInput }))
    .mutation(({ ctx, input }) => ctx.node.peers.remove(input.multiaddr)),
  ban: procedure
    .input(
      z.object({
        who: peerNameInput,
        reason: z.string().max(MAX_REASON_LENGTH),
        untilMs: timestampInput.nullable(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.node.peers.ban(input.who, input.reason, input.untilMs)),
  liftBan: procedure
    .input(z.object({ who: peerNameInput }))
    .mutation(({ ctx, input }) => ctx.node.peers.liftBan(input.who)),
  setHealing: procedure
    .input(peersInput.shape.healing.unwrap())
    .mutation(({ ctx, input }) => ctx.node.peers.setHealing(input)),
  setKept: procedure
    .input(z.object({ part: partInput, isKept: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.node.peers.setKept(input.part, input.isKept)),
  coverage: procedure
    .input(
      z
        .object({ part: partInput, from: timestampInput, to: timestampInput })
        .refine(({ from, to }) => from < to, 'the range ends before it begins'),
    )
    .query(({ ctx, input, signal }) =>
      ctx.node.peers.coverage(input.part, Math.floor(input.from), Math.ceil(input.to), signal),
    ),
  holders: procedure
    .input(z.object({ id: messageIdInput, digest: digestInput.optional() }))
    .query(async ({ ctx, input, signal }) =>
      ctx.node.peers.holders(await ctx.node.messages.stored(input.id, input.digest), signal),
    ),
  queries: procedure.query(({ ctx }) => ctx.node.queries.list()),
  openQuery: procedure.input(queryInput).mutation(({ ctx, input }) => {
    const { part, from, to, last, publisher, keep } = input
    return ctx.node.queries.open({
      query: {
        part,
        ...(from === undefined ? {} : { from: { timestamp: Math.floor(from), sequence: 0 } }),
        ...(to === undefined ? {} : { to: { timestamp: Math.floor(to), sequence: MAX_SEQUENCE } }),
        ...(last === undefined ? {} : { last }),
        ...(publisher === undefined ? {} : { publisher }),
      },
      keep: keep ?? ctx.node.peers.isKept(part),
    })
  }),
  /** The next portion of an answer: whoever reads sets the pace, peers included. */
  nextOfQuery: procedure
    .input(queryId)
    .mutation(({ ctx, input, signal }) => ctx.node.queries.next(input.id, signal)),
  closeQuery: procedure.input(queryId).mutation(({ ctx, input }) => ctx.node.queries.close(input.id)),
})
