import { join } from 'node:path'
import { createExportDesk, type ExportDesk, type ExportRequest } from '../../../electron/node/export-desk.ts'
import type { SchemaOf } from '../../../electron/node/mark-selection.ts'
import { createMessageBrowser, type MessageBrowser } from '../../../electron/node/message-browser.ts'
import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import { createRowMethods, type RowMethods } from '../../../electron/node/rows/row-methods.ts'
import type { RowThread } from '../../../electron/node/rows-role.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { recordingLogger, temporaryFolder } from '../store/store-folder.ts'
import { PART } from '../store/synthetic-messages.ts'

export const NODE = { address: '0x01', version: '0.0.0', environment: 'local', chainId: 31337 }
const notAsked = () => Promise.reject(new Error('not asked'))
export const NO_EVIDENCE = {
  inspect: notAsked,
  history: () => [],
  rightInState: notAsked,
  makeProof: notAsked,
  makeRangeProof: notAsked,
}
export const LOGS = [{ name: 'a-name', keeper: 'embedded', head: 'bafyhead' }]

export interface ExportHouse {
  exports: ExportDesk
  messages: MessageBrowser
  rows: RowThread
  add(messages: readonly VerifiedMessage[]): Promise<void>
  /** The whole file of a request, with what is said of it. */
  file(request: Partial<ExportRequest>): Promise<Buffer>
  dispose(): Promise<void>
}

/** A real store and the real reader of contents, which works on this thread so that it can be watched. */
export async function openExports(schemaOf?: SchemaOf): Promise<ExportHouse> {
  const folder = temporaryFolder()
  const store = await openSqliteStore({
    file: join(folder.path, 'messages.sqlite'),
    logger: recordingLogger(),
    clock: { now: () => Date.now() },
  })
  const methods = createRowMethods()
  const rows: RowThread = {
    call: async (name, ...args) =>
      (methods[name] as (...given: typeof args) => ReturnType<RowMethods[typeof name]>)(...args),
    withContents: (batch) => [...batch],
    close: async () => undefined,
  }
  const messages = createMessageBrowser({
    store,
    rows,
    evidence: NO_EVIDENCE,
    schemaOf,
  })
  const exports = createExportDesk({
    store,
    rows,
    count: (...range) => messages.count(...range),
    remoteLogs: async () => LOGS,
    node: NODE,
    schemaOf,
    clock: { now: () => Date.now() },
  })
  return {
    exports,
    messages,
    rows,
    add: async (added) => void (await store.append(added)),
    async file(request) {
      const { id } = await exports.open({
        part: PART,
        order: 'ascending',
        format: 'csv',
        columns: null,
        ...request,
      })
      const pieces: Uint8Array[] = []
      for await (const piece of exports.read(id).bytes) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    async dispose() {
      await exports.stop()
      await store.close()
      folder.remove()
    },
  }
}
