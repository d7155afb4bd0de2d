import type { Environment } from './environment.ts'
import type { Feed } from './feed/feed.ts'
import { problemsOf } from './node-problems.ts'
import { createStatusReporter, type NodeStatusSources, type StatusReporter } from './node-status.ts'
import type { Logger } from './ports.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import type { StreamrAdapter } from './streamr/streamr-adapter.ts'

/** The status bar follows the chain and the neighbours this often. */
const STATUS_INTERVAL_MS = 1_000

type Told = Omit<NodeStatusSources, 'environment' | 'address' | 'chain' | 'streamr'>

export interface StatusRoleOptions extends Told {
  environment: Pick<Environment, 'name' | 'chainId'>
  index: RegistryIndex
  adapter: StreamrAdapter
  feed: Pick<Feed, 'announce'>
  logger: Logger
  /** Ends the announcements with the node. */
  stack: AsyncDisposableStack
}

/** Gathers how the node fares from its parts, and announces it to whoever looks. */
export function startStatusRole(options: StatusRoleOptions): StatusReporter {
  const { environment, index, adapter, feed, logger, stack, ...sources } = options
  const reporter = createStatusReporter({
    ...sources,
    environment: environment.name,
    address: adapter.address(),
    chain: () => {
      const { headBlock, reachable, endpoints } = index.status()
      const used = endpoints.find(({ ok }) => ok) ?? endpoints[0]
      const { chainId } = environment
      return { height: headBlock, chainId, reachable, rpcUrl: used?.url ?? '', endpoints }
    },
    streamr: () => ({ connected: adapter.isConnected(), neighbours: adapter.neighbourCount() }),
    problems: () => [...problemsOf({ store: sources.store, index, adapter }), ...sources.problems()],
  })
  const timer = setInterval(() => {
    reporter.status().then(
      (status) => feed.announce({ kind: 'status', status }),
      (error: unknown) => logger.warn({ error }, 'the status could not be read'),
    )
  }, STATUS_INTERVAL_MS)
  stack.defer(() => clearInterval(timer))
  return reporter
}
