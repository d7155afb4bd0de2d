import { join } from 'node:path'
import { workerUrl } from '../worker-url.ts'
import { ALERT_FILE } from './data-files.ts'
import type { Feed } from './feed/feed.ts'
import type { Clock, Logger } from './ports.ts'
import { type AlertBook, createAlertBook } from './rules/alert-book.ts'
import type { RuleMethods } from './rules/engine/rule-methods.ts'
import type { SecretBox } from './rules/ports.ts'
import type { RulesWorkerData } from './rules-worker.ts'
import type { StoreLocation } from './store/reader-connection.ts'
import { WorkerLink } from './store/worker-link.ts'

export interface AlertsRoleOptions {
  dataDir: string
  /** Where messages are kept: the thread that judges reads them there. */
  messages: StoreLocation
  feed: Pick<Feed, 'announce'>
  /** Seals the secrets of channels. */
  secretBox: SecretBox
  /** Ends the watch with the node. */
  stack: AsyncDisposableStack
  signal: AbortSignal
  clock: Clock
  logger: Logger
}

/** Starts the watch over what is stored: rules, on a thread of their own, and the alerts they give. */
export async function startAlertsRole(options: AlertsRoleOptions): Promise<AlertBook> {
  const { dataDir, messages, feed, secretBox, stack, signal, clock, logger } = options
  const workerData: RulesWorkerData = { alertFile: join(dataDir, ALERT_FILE), messages }
  const link = new WorkerLink<RuleMethods>({
    url: workerUrl(import.meta.url, 'rules-worker'),
    workerData,
    logger,
  })
  const book = createAlertBook({
    // The link's own answer type goes through transferred values, which rules have none of.
    thread: { call: (method, args) => link.call(method, args) as never, close: () => link.close() },
    secretBox,
    clock,
    logger,
    onChange: ({ firing }) => feed.announce({ kind: 'alerts', firing }),
  })
  await book.start(signal)
  stack.defer(() => book.stop())
  return book
}
