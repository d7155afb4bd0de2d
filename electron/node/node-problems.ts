import type { NodeStatus } from '../../shared/node-status.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import type { EngineStore } from './store/store-front.ts'
import type { StreamrAdapter } from './streamr/streamr-adapter.ts'

/** What does not work at the moment, each with what to do about it. */
export function problemsOf(parts: {
  store: Pick<EngineStore, 'status'>
  index: RegistryIndex
  adapter: StreamrAdapter
}): NodeStatus['problems'] {
  const problems: NodeStatus['problems'] = []
  const stored = parts.store.status().problem
  if (stored) problems.push({ code: stored.code, message: stored.message, remedy: stored.remedy })
  if (!parts.index.status().reachable) {
    problems.push({
      code: 'rpc-unreachable',
      message: 'No RPC endpoint of the chain answers at the moment.',
      remedy: 'Stored history and known permissions stay in use; it is tried again by itself.',
    })
  }
  if (!parts.adapter.isConnected()) {
    problems.push({
      code: 'not-running',
      message: 'The connection to the Streamr network is down at the moment.',
      remedy: 'It is made again by itself; what is stored can be looked at meanwhile.',
    })
  }
  return problems
}
