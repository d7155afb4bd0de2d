import { createEvidenceRole, type EvidenceRoleOptions } from './evidence-role.ts'
import { createExportDesk, type ExportDesk, type ExportDeskOptions } from './export-desk.ts'
import { createMessageBrowser, type MessageBrowser } from './message-browser.ts'
import type { Logger } from './ports.ts'
import { createRowThread } from './rows-role.ts'
import { schemaOfStream } from './stream-schema.ts'

export interface MessagesRoleOptions
  extends EvidenceRoleOptions,
    Pick<ExportDeskOptions, 'node' | 'remoteLogs'> {
  logger: Logger
  /** What is started goes in. */
  stack: AsyncDisposableStack
}

/** Stored messages as they are looked at, questioned and taken away as files. */
export interface MessagesRole {
  readonly messages: MessageBrowser
  readonly exports: ExportDesk
}

export function createMessagesRole(options: MessagesRoleOptions): MessagesRole {
  const { store, findKey, remoteLogs, node, clock, logger, stack } = options
  const rows = createRowThread(findKey, logger)
  stack.defer(() => rows.close())
  const schemaOf = (streamId: string) => schemaOfStream(options.index, streamId)
  const evidence = createEvidenceRole(options)
  const messages = createMessageBrowser({ store, evidence, rows, findKey, schemaOf })
  const count: MessageBrowser['count'] = (...range) => messages.count(...range)
  const exports = createExportDesk({ store, rows, count, remoteLogs, node, schemaOf, clock })
  stack.defer(() => exports.stop())
  return { messages, exports }
}
