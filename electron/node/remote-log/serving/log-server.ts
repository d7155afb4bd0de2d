import { randomBytes } from 'node:crypto'
import type { LogServerSettings, LogServerView } from '../../../../shared/remote-log.ts'
import type { Logger, Startable } from '../../ports.ts'
import { toShownView } from '../logs/error.ts'
import type { ContentStore, NameSystem } from '../ports.ts'
import { startTwirpServer, type TwirpServer } from '../twirp/server.ts'

const TOKEN_BYTES = 24

export interface LogServerOptions {
  settings: () => LogServerSettings | null
  save: (settings: LogServerSettings | null) => Promise<void>
  keeper: () => Promise<{ content: ContentStore; names: NameSystem }>
  logger: Logger
}

/** Serves what this node's own keeper holds by the twirp services of 3/REMOTE-LOG, when the settings say so. */
export interface LogServer extends Startable {
  view(): LogServerView
  /** Changes what is served, and where; null stops it. Kept over a restart. @throws TidemarkError `port-in-use` */
  change(settings: { host: string; port: number; allowWriting: boolean } | null): Promise<LogServerView>
}

export function createLogServer({ settings, save, keeper, logger }: LogServerOptions): LogServer {
  let server: TwirpServer | null = null
  let problem: LogServerView['problem'] = null

  async function stop(): Promise<void> {
    const running = server
    server = null
    await running?.close()
  }

  async function serve(wanted: LogServerSettings): Promise<void> {
    await stop()
    const { content, names } = await keeper()
    const { host, port, writeToken } = wanted
    server = await startTwirpServer({
      ...{ content, names, host, port, logger },
      writeToken: writeToken ?? undefined,
    })
    problem = null
  }

  const view = (): LogServerView => ({
    settings: settings(),
    url: server?.url ?? null,
    problem,
  })

  return {
    view,
    async start() {
      const wanted = settings()
      if (wanted === null) return
      try {
        await serve(wanted)
      } catch (error) {
        // A port that is taken keeps the node from serving logs, not from starting.
        problem = toShownView(error)
        logger.warn({ error }, 'the remote log is not served')
      }
    },
    stop,
    async change(wanted) {
      if (wanted === null) {
        await stop()
        await save(null)
        return view()
      }
      const { host, port, allowWriting } = wanted
      const known = settings()?.writeToken
      const writeToken = allowWriting ? (known ?? randomBytes(TOKEN_BYTES).toString('base64url')) : null
      await serve({ host, port, writeToken })
      await save({ host, port, writeToken })
      return view()
    },
  }
}
