import { once } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import threads, { type MessagePort, type Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BatchReceipt } from '../../electron/node/message/batch-port.ts'
import { encodeVerifiedBatch } from '../../electron/node/message/verified-batch.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { collect } from '../unit/store/conformance.ts'
import { recordingLogger, temporaryFolder } from '../unit/store/store-folder.ts'
import { chainOf, EPOCH, PART } from '../unit/store/synthetic-messages.ts'

describe('the store’s threads', () => {
  const OriginalWorker = threads.Worker
  let workers: Worker[] = []
  let folder: ReturnType<typeof temporaryFolder>
  let store: SqliteStore

  beforeEach(async () => {
    workers = []
    // Threads are the store's own affair; to end one from outside, it has to be caught at its birth.
    threads.Worker = class extends OriginalWorker {
      constructor(...args: ConstructorParameters<typeof OriginalWorker>) {
        super(...args)
        workers.push(this)
      }
    }
    syncBuiltinESMExports()
    folder = temporaryFolder()
    store = await openSqliteStore({
      file: join(folder.path, 'messages.sqlite'),
      logger: recordingLogger(),
      clock: { now: () => EPOCH },
    })
  })
  afterEach(async () => {
    await store.close()
    folder.remove()
    threads.Worker = OriginalWorker
    syncBuiltinESMExports()
  })

  async function send(port: MessagePort, id: number, buffer: ArrayBuffer): Promise<BatchReceipt> {
    port.postMessage({ id, buffer }, [buffer])
    const [receipt] = (await once(port, 'message')) as [BatchReceipt]
    return receipt
  }

  test('batches that come over a port are on disk when their receipt comes', async () => {
    const port = await store.batchPort()
    const [first, second] = [chainOf(50), chainOf(50, { publisher: 2 })]
    expect(await send(port, 7, encodeVerifiedBatch(first))).toMatchObject({ id: 7, result: { stored: 50 } })
    expect(await send(port, 8, encodeVerifiedBatch([...first, ...second]))).toMatchObject({
      id: 8,
      result: { stored: 50, duplicates: 50 },
    })
    expect(await collect(store.query({ part: PART }))).toHaveLength(100)
    port.close()
  })

  test('many ports at once get the receipts of their own batches', async () => {
    const messages = chainOf(400)
    const ports = await Promise.all(Array.from({ length: 4 }, () => store.batchPort()))
    const sizes = await Promise.all(
      ports.map(async (port, index) => {
        const own = messages.filter((_, at) => at % 4 === index).slice(0, 50 + index)
        const receipt = await send(port, index, encodeVerifiedBatch(own))
        port.close()
        return 'result' in receipt ? [receipt.id, receipt.result.stored] : receipt
      }),
    )
    expect(sizes).toEqual([0, 1, 2, 3].map((index) => [index, 50 + index]))
  })

  test('a batch that cannot be read is refused alone', async () => {
    const port = await store.batchPort()
    const receipts: BatchReceipt[] = []
    port.on('message', (receipt: BatchReceipt) => receipts.push(receipt))
    port.postMessage({ id: 1, buffer: new ArrayBuffer(100) })
    port.postMessage({ id: 2, buffer: encodeVerifiedBatch(chainOf(5)) })
    const wrong = chainOf(1)[0]
    if (wrong === undefined) throw new Error('no message')
    // A timestamp no message can have: the table refuses it, and with it its batch.
    port.postMessage({ id: 3, buffer: encodeVerifiedBatch([{ ...wrong, receivedAt: Number.NaN }]) })
    port.postMessage({ id: 4, buffer: encodeVerifiedBatch(chainOf(5, { publisher: 2 })) })
    while (receipts.length < 4) await once(port, 'message')
    const byId = receipts.toSorted((a, b) => a.id - b.id)
    expect(byId.map((receipt) => ('result' in receipt ? receipt.result.stored : receipt.error.code))).toEqual(
      ['internal', 5, 'internal', 5],
    )
    port.close()
  })

  test('a writer that dies is started again: what was acknowledged is there, the rest is told', async () => {
    await store.append(chainOf(20))
    const port = await store.batchPort()
    const closed = once(port, 'close')
    const [writer] = workers
    const pending = store.append(chainOf(20, { publisher: 2 })).then(
      () => 'stored',
      (error: unknown) => (error as { code: string }).code,
    )
    await writer?.terminate()
    await closed
    expect(['stored', 'not-running']).toContain(await pending)
    expect(await store.append(chainOf(20, { publisher: 3 }))).toMatchObject({ stored: 20 })
    const again = await store.batchPort()
    expect(await send(again, 1, encodeVerifiedBatch(chainOf(1, { publisher: 4 })))).toMatchObject({
      result: { stored: 1 },
    })
    again.close()
    const read = await collect(store.query({ part: PART }))
    expect(read.filter(({ id }) => id.publisher.endsWith('1'))).toHaveLength(20)
    expect(read.filter(({ id }) => id.publisher.endsWith('3'))).toHaveLength(20)
  })

  test('a reader that dies in the middle of a query does not end it', async () => {
    const messages = chainOf(6_000)
    await store.append(messages)
    let count = 0
    for await (const batch of store.query({ part: PART })) {
      count += batch.length
      await Promise.all(workers.slice(1).map((worker) => worker.terminate()))
    }
    expect(count).toBe(6_000)
  })

  test('closing waits for what goes on and leaves nothing that runs', async () => {
    await store.statistics()
    const appended = store.append(chainOf(500))
    await Promise.all([store.close(), store.close()])
    await expect(appended).resolves.toMatchObject({ stored: 500 })
    for (const worker of workers) expect(worker.threadId).toBe(-1)
  })
})
