import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerAnswer } from './worker-protocol.ts'
import { toFailure } from './worker-service.ts'

/** Answers the one question of a module that is asked by `askTheSide`, as a process of its own or as a thread. */
export function answerFromTheSide<Question, Answer>(work: (question: Question) => Answer): void {
  const answer = (question: Question): WorkerAnswer => {
    try {
      return { id: 0, value: work(question) }
    } catch (error) {
      return toFailure(0, error)
    }
  }
  if (parentPort !== null) {
    parentPort.postMessage(answer(workerData as Question))
    return
  }
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  process.once('message', (question: Question) => {
    process.send?.(answer(question), () => process.disconnect())
  })
}
