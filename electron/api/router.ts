import { TidemarkError } from '../../shared/errors.ts'
import { alertsRouter } from './routers/alerts-router.ts'
import { auditRouter } from './routers/audit-router.ts'
import { chartRouter } from './routers/chart-router.ts'
import { databaseRouter } from './routers/database-router.ts'
import { exportsRouter } from './routers/exports-router.ts'
import { fleetRouter } from './routers/fleet-router.ts'
import { layoutsRouter } from './routers/layouts-router.ts'
import { messagesRouter } from './routers/messages-router.ts'
import { networkRouter } from './routers/network-router.ts'
import { nodeRouter } from './routers/node-router.ts'
import { registryRouter } from './routers/registry-router.ts'
import { remoteLogRouter } from './routers/remote-log-router.ts'
import { sinksRouter } from './routers/sinks-router.ts'
import { sourcesRouter } from './routers/sources-router.ts'
import { storageRouter } from './routers/storage-router.ts'
import { storeRouter } from './routers/store-router.ts'
import { streamsRouter } from './routers/streams-router.ts'
import { procedure, router } from './trpc.ts'

/** The contract between the node and everything that shows or scripts it, over IPC and WebSocket alike. */
export const appRouter = router({
  node: nodeRouter,
  streams: streamsRouter,
  chart: chartRouter,
  database: databaseRouter,
  fleet: fleetRouter,
  messages: messagesRouter,
  exports: exportsRouter,
  network: networkRouter,
  registry: registryRouter,
  layouts: layoutsRouter,
  sources: sourcesRouter,
  storage: storageRouter,
  store: storeRouter,
  audit: auditRouter,
  alerts: alertsRouter,
  remoteLog: remoteLogRouter,
  sinks: sinksRouter,
  /** A new single-use link for another browser; only the headless host has links. */
  launch: procedure.mutation(({ ctx }) => {
    if (!ctx.issueLaunchToken) {
      throw new TidemarkError(
        'invalid-input',
        'The desktop window needs no link.',
        'Start with --headless to use a browser.',
      )
    }
    return { token: ctx.issueLaunchToken() }
  }),
  feed: procedure.subscription(async function* ({ ctx, signal }) {
    yield* ctx.node.feed.events(signal)
  }),
})

export type AppRouter = typeof appRouter
