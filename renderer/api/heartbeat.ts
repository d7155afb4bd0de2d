import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { Connection } from './connection.ts'
import type { FeedHub } from './feed.ts'

const CHECK_EVERY_MS = 2_000
/** A node that runs has something to say about itself at least this often. */
const QUIET_MS = 6_000
const ANSWER_DEADLINE_MS = 6_000

export interface HeartbeatOptions {
  client: TRPCClient<AppRouter>
  feed: FeedHub
  connection: Connection
  now?: () => number
}

/**
 * Asks a node that has been quiet whether it is still there. A socket alone does not tell: to a process that stands
 * still it stays open for minutes. While the connection is lost the question is also what makes tRPC's client try
 * again, where it has given up. Returns the way to stop.
 */
export function keepHeartbeat({ client, feed, connection, now = Date.now }: HeartbeatOptions): () => void {
  let heardAt = now()
  let isAsking = false

  function heard(): void {
    heardAt = now()
    connection.opened()
  }

  async function ask(): Promise<void> {
    isAsking = true
    try {
      await Promise.race([client.node.status.query(), deadline()])
      heard()
    } catch {
      connection.closed()
    } finally {
      isAsking = false
    }
  }

  const leaveFeed = feed.subscribe(heard)
  const timer = setInterval(() => {
    const isQuiet = now() - heardAt > QUIET_MS || connection.state.get().kind !== 'open'
    if (isQuiet && !isAsking) void ask()
  }, CHECK_EVERY_MS)
  return () => {
    leaveFeed()
    clearInterval(timer)
  }
}

function deadline(): Promise<never> {
  return new Promise((_, reject) =>
    setTimeout(() => reject(new Error('no answer in time')), ANSWER_DEADLINE_MS),
  )
}
