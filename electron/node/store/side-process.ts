import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { TidemarkError } from '../../../shared/errors.ts'
import { abortedError } from './aborted.ts'
import type { WorkerAnswer } from './worker-protocol.ts'

/** Something that works on one question and answers once. */
interface Side {
  once(event: 'message', listener: (answer: WorkerAnswer) => void): unknown
  once(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'exit', listener: () => void): unknown
  /** Ends it, wherever it is. */
  end(): void
}

/**
 * Has a module (`answerFromTheSide`) work beside everything else. Aborting ends it at once.
 *
 * For work that takes minutes inside one call of SQLite, where a thread can be neither interrupted nor ended: it is a
 * process of its own, of low priority, that is killed. Electron's binary starts none; there it is a thread, whose end
 * comes with that of the call.
 * @throws {TidemarkError} what the module threw; `aborted`
 */
export async function askTheSide<Answer>(
  module: URL,
  question: object,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted()
  const side =
    process.versions.electron === undefined ? startProcess(module, question) : startThread(module, question)
  const { promise, resolve, reject } = Promise.withResolvers<WorkerAnswer>()
  const onAbort = (): void => {
    side.end()
    reject(abortedError())
  }
  signal.addEventListener('abort', onAbort, { once: true })
  side.once('message', resolve)
  side.once('error', reject)
  side.once('exit', () => reject(new Error(`${module.pathname} ended without an answer`)))
  try {
    const answer = await promise
    if (!('error' in answer)) return answer.value as Answer
    const { code, message, remedy } = answer.error
    throw new TidemarkError(code, message, remedy, { cause: new Error(answer.detail ?? message) })
  } finally {
    signal.removeEventListener('abort', onAbort)
    side.end()
  }
}

function startProcess(module: URL, question: object): Side {
  const child = fork(module, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  // That it could not be sent shows as its end.
  child.send(question, () => undefined)
  return Object.assign(child, { end: () => void child.kill('SIGKILL') })
}

function startThread(module: URL, question: object): Side {
  const worker = new Worker(module, { workerData: question })
  return Object.assign(worker, { end: () => void worker.terminate() })
}
