import { workerUrl } from '../worker-url.ts'
import { decodeStreamMessage } from './message/decode.ts'
import { type FindKey, plainContent } from './message/open-content.ts'
import type { Logger, StoredMessage } from './ports.ts'
import type { MessageOfBatch } from './rows/read-row.ts'
import type { RowMethods } from './rows/row-methods.ts'
import { WorkerLink } from './store/worker-link.ts'

/** The thread that reads contents, as this thread calls it. Whatever the store's engine is, it judges alike. */
export interface RowThread {
  call<Name extends keyof RowMethods & string>(
    method: Name,
    ...args: Parameters<RowMethods[Name]>
  ): Promise<ReturnType<RowMethods[Name]>>
  /** Gives messages their plain content where they are encrypted and a key is known. */
  withContents(batch: readonly StoredMessage[]): MessageOfBatch[]
  close(): Promise<void>
}

/** The thread is started with the first question and kept: most sessions search something. */
export function createRowThread(findKey: FindKey, logger: Logger): RowThread {
  let link: WorkerLink<RowMethods> | undefined
  return {
    call(method, ...args) {
      link ??= new WorkerLink<RowMethods>({
        url: workerUrl(import.meta.url, 'rows-worker'),
        workerData: null,
        logger: logger.child({ part: 'rows' }),
      })
      // The link's own answer type goes through transferred values, of which there are none here.
      return link.call(method, args) as never
    },
    withContents: (batch) =>
      batch.map((message) => {
        const opened = message.encrypted ? openedContent(message, findKey) : undefined
        return opened === undefined ? message : { ...message, opened }
      }),
    close: async () => link?.close(),
  }
}

function openedContent({ id, raw }: StoredMessage, findKey: FindKey): Uint8Array | undefined {
  const { body } = decodeStreamMessage(raw)
  return body.kind === 'content' ? plainContent(id.publisher, body, findKey) : undefined
}
