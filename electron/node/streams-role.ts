import { TidemarkError } from '../../shared/errors.ts'
import { streamPartId } from '../../shared/message.ts'
import type { ConfigurationFile } from './configuration.ts'
import type { Feed } from './feed/feed.ts'
import type { OwnStreams } from './own-streams.ts'
import type { StreamRecord } from './ports.ts'
import type { StreamrAdapter } from './streamr/streamr-adapter.ts'
import {
  createStreamCatalogue,
  type StreamCatalogue,
  type StreamCatalogueOptions,
  type SubscriptionList,
} from './subscriptions/stream-catalogue.ts'

export interface StreamsRoleOptions
  extends Pick<
    StreamCatalogueOptions,
    'store' | 'source' | 'directory' | 'searchLimits' | 'otherHolders' | 'notBySchema' | 'clock' | 'logger'
  > {
  adapter: StreamrAdapter
  configuration: ConfigurationFile
  own: OwnStreams
  feed: Pick<Feed, 'announce'>
}

/** The streams of this node: what was subscribed is remembered in the settings, what is unknown is asked of the chain. */
export function createStreamsRole(options: StreamsRoleOptions): StreamCatalogue {
  const { adapter, configuration, own, feed } = options
  return createStreamCatalogue({
    ...options,
    lookUp: (streamId) => lookUpStream(adapter, streamId),
    subscriptions: subscriptionList(configuration),
    address: adapter.address(),
    ownParts: own.parts,
    onChange: () => feed.announce({ kind: 'streams' }),
  })
}

function subscriptionList(configuration: ConfigurationFile): SubscriptionList {
  return {
    load: () => configuration.current.subscriptions,
    save: (subscriptions) => configuration.update((now) => ({ ...now, subscriptions: [...subscriptions] })),
  }
}

/** What the registry contract has of a stream now; null when it has nothing. */
async function lookUpStream(adapter: StreamrAdapter, streamId: string): Promise<StreamRecord | null> {
  try {
    return await adapter.getStream(streamId)
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'stream-not-found') return null
    throw error
  }
}

/** The node's own streams are offered once: whoever unsubscribes them is not overruled at the next start. */
export async function offerOwnStreams(configuration: ConfigurationFile, own: OwnStreams): Promise<void> {
  if (configuration.current.ownStreamsOffered) return
  await configuration.update((now) => {
    const known = new Set(now.subscriptions.map((s) => streamPartId(s.streamId, s.partition)))
    const offered = [...own.parts].filter((part) => !known.has(part))
    const added = offered.map((part) => ({ streamId: part.slice(0, part.lastIndexOf('#')), partition: 0 }))
    return { ...now, ownStreamsOffered: true, subscriptions: [...now.subscriptions, ...added] }
  })
}
