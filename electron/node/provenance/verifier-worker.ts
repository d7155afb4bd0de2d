import { parentPort, workerData } from 'node:worker_threads'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import type { PermissionAnswer } from '../ports.ts'
import { BatchSender } from './batch-sender.ts'
import { BatchVerifier } from './batch-verifier.ts'
import { OpenQuestions } from './open-questions.ts'
import type {
  ContractAnswer,
  ContractQuestion,
  PermissionQuestion,
  VerifierWorkerData,
  WorkerEvent,
  WorkerRequest,
} from './verifier-protocol.ts'

/** Entry of a verifier worker: joins a `BatchVerifier` to the window thread and to the store's writer. */
if (parentPort === null) throw new Error('The verifier worker runs in a worker thread only')
const window = parentPort
const { ending } = workerData as VerifierWorkerData

function send(event: WorkerEvent): void {
  window.postMessage(event)
}

const permissions = new OpenQuestions<PermissionQuestion, PermissionAnswer | undefined>((id, questions) =>
  send({ kind: 'ask-permissions', id, questions }),
)
const contracts = new OpenQuestions<ContractQuestion, ContractAnswer>((id, questions) =>
  send({ kind: 'ask-contracts', id, questions }),
)
const sender = new BatchSender(() => send({ kind: 'disconnected' }))
const verifier = new BatchVerifier({
  askPermissions: (questions) => permissions.ask(questions),
  askContracts: (questions) => contracts.ask(questions),
  store: (batch) => sender.send(batch),
})

/** The store's refusals go back; anything else is a defect, and ends the worker as an unhandled rejection. */
function reportFailure(id: number, error: unknown): void {
  if (!(error instanceof TidemarkError)) throw error
  send({ kind: 'failed', id, error: toErrorView(error) })
}

/** Batches still wait here when the node stops; whoever ends this worker has them too. */
function isLeft({ kind }: WorkerRequest): boolean {
  const isBatch = kind === 'store' || kind === 'decide' || kind === 'audit'
  return isBatch && Atomics.load(ending, 0) !== 0
}

window.on('message', (request: WorkerRequest) => {
  if (isLeft(request)) return
  switch (request.kind) {
    case 'store': {
      const { id, batch } = request
      verifier.store(batch).then(
        ({ counts, result }) => send({ kind: 'stored', id, counts, result }),
        (error: unknown) => reportFailure(id, error),
      )
      break
    }
    case 'decide': {
      const { id, batch } = request
      verifier.decide(batch).then((decisions) => send({ kind: 'decided', id, decisions }))
      break
    }
    case 'audit': {
      const { id, batch } = request
      verifier.audit(batch).then((audited) => send({ kind: 'audited', id, audited }))
      break
    }
    case 'permissions':
      permissions.answer(request.id, request.answers)
      break
    case 'contracts':
      contracts.answer(request.id, request.answers)
      break
    case 'invalidate':
      verifier.invalidate(request.streamId)
      break
    case 'connect':
      sender.connect(request.port)
      break
    case 'end':
      sender.close()
      window.close()
      break
  }
})
