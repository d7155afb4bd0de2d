import { expect, it } from 'vitest'
import { QuestionDesk } from '../../../electron/node/provenance/question-desk.ts'
import { packRawBatch } from '../../../electron/node/provenance/raw-batch.ts'
import { type BatchEvent, VerifierThread } from '../../../electron/node/provenance/verifier-thread.ts'
import { noContracts, SettablePermissions, silentLogger } from './fakes.ts'

const BATCHES = 50

function startThread(events: BatchEvent[], onDeath: (error: Error) => void = () => undefined) {
  const permissions = new SettablePermissions()
  return new VerifierThread({
    desk: new QuestionDesk({ permissions, contractSignatures: noContracts, logger: silentLogger }),
    workerUrl: new URL('../../../electron/node/provenance/verifier-worker.ts', import.meta.url),
    onBatch: (event) => events.push(event),
    onDisconnected: () => undefined,
    onDeath,
  })
}

function sendBatches(thread: VerifierThread): void {
  for (let id = 0; id < BATCHES; id++) {
    const batch = packRawBatch([{ bytes: Uint8Array.of(1), source: 'live', receivedAt: 0 }])
    thread.send({ kind: 'decide', id, batch }, [batch.buffer])
  }
}

it('takes up no batch any more once it is to end, so that it need not be terminated', async () => {
  const events: BatchEvent[] = []
  const thread = startThread(events)
  sendBatches(thread)
  await thread.end()
  expect(events.length).toBeLessThan(BATCHES)
})

it('answers every batch as long as it is not to end, and does not call its end a death', async () => {
  const events: BatchEvent[] = []
  let deaths = 0
  const thread = startThread(events, () => {
    deaths += 1
  })
  sendBatches(thread)
  await expect.poll(() => events.length, { timeout: 10_000 }).toBe(BATCHES)
  await thread.end()
  expect(deaths).toBe(0)
})
