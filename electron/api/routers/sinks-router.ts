import { z } from 'zod'
import { readerRoleInput, sinkDatabaseInput, sinkInput, sinkTableInput } from '../../../shared/sink.ts'
import { procedure, router } from '../trpc.ts'

const tableInput = z.object({ table: sinkTableInput })

/** Streams that are written into tables of a PostgreSQL-wire database. The password goes in and never comes out. */
export const sinksRouter = router({
  list: procedure.query(({ ctx }) => ctx.node.sinks.view()),
  /** Goes to the database, looks, and changes nothing; without an input to the one that is set. */
  testDatabase: procedure
    .input(sinkDatabaseInput.optional())
    .mutation(({ ctx, input, signal }) => ctx.node.sinks.test(input, signal)),
  setDatabase: procedure
    .input(sinkDatabaseInput)
    .mutation(({ ctx, input }) => ctx.node.sinks.setDatabase(input)),
  /** SQL that makes a role which may read the views of the sinks, and nothing else. */
  readerRole: procedure
    .input(readerRoleInput)
    .query(({ ctx, input }) => ({ sql: ctx.node.sinks.readerRole(input.role) })),
  makeReaderRole: procedure
    .input(readerRoleInput)
    .mutation(({ ctx, input }) => ctx.node.sinks.makeReaderRole(input.role)),
  add: procedure.input(sinkInput).mutation(({ ctx, input }) => ctx.node.sinks.add(input)),
  pause: procedure.input(tableInput).mutation(({ ctx, input }) => ctx.node.sinks.pause(input.table)),
  resume: procedure.input(tableInput).mutation(({ ctx, input }) => ctx.node.sinks.resume(input.table)),
  /** Ends a sink; its table stays as it is. */
  remove: procedure.input(tableInput).mutation(({ ctx, input }) => ctx.node.sinks.remove(input.table)),
})
