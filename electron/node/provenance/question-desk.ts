import type { Logger, PermissionAnswer, PermissionOracle } from '../ports.ts'
import type { ContractSignatureChecker } from './contract-signature.ts'
import { QUESTION_DEADLINE_MS } from './verifier-limits.ts'
import type { ContractAnswer, ContractQuestion, PermissionQuestion } from './verifier-protocol.ts'

export interface QuestionDeskOptions {
  permissions: PermissionOracle
  contractSignatures: ContractSignatureChecker
  logger: Logger
  deadlineMs?: number
}

/** Times a question is asked again because the stream changed while it was being answered. */
const MAX_REPEATS = 3

/**
 * Answers what verifier workers ask, on the thread that owns the registry index. Always answers, and within the
 * deadline: silence becomes "not known", which leaves a message pending.
 */
export class QuestionDesk {
  readonly #options: QuestionDeskOptions
  readonly #deadlineMs: number
  readonly #open = new Set<{ streamId: string; changed: boolean }>()

  constructor(options: QuestionDeskOptions) {
    this.#options = options
    this.#deadlineMs = options.deadlineMs ?? QUESTION_DEADLINE_MS
  }

  /** To be called for every change of the registry, before workers are told to forget what they know. */
  streamChanged(streamId: string): void {
    for (const question of this.#open) question.changed ||= question.streamId === streamId
  }

  answerPermissions(questions: PermissionQuestion[]): Promise<(PermissionAnswer | undefined)[]> {
    return Promise.all(
      questions.map((question) => this.#withinDeadline(this.#askRegistry(question), undefined, question)),
    )
  }

  answerContracts(questions: ContractQuestion[]): Promise<ContractAnswer[]> {
    const { contractSignatures } = this.#options
    return Promise.all(
      questions.map((question) =>
        this.#withinDeadline(
          contractSignatures.check(question.contract, question.hash, question.signature),
          'unavailable',
          { contract: question.contract },
        ),
      ),
    )
  }

  /** An answer that was on its way when the stream changed is asked for again, so no worker remembers a stale one. */
  async #askRegistry({
    streamId,
    publisher,
    timestamp,
  }: PermissionQuestion): Promise<PermissionAnswer | undefined> {
    for (let repeat = 0; repeat <= MAX_REPEATS; repeat++) {
      const open = { streamId, changed: false }
      this.#open.add(open)
      try {
        const answer = await this.#options.permissions.publishPermission(streamId, publisher, timestamp)
        if (!open.changed) return answer
      } finally {
        this.#open.delete(open)
      }
    }
    return undefined
  }

  async #withinDeadline<T>(answer: Promise<T>, otherwise: T, question: object): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<T>((resolve) => {
      timer = setTimeout(resolve, this.#deadlineMs, otherwise)
    })
    try {
      return await Promise.race([answer, deadline])
    } catch (error) {
      this.#options.logger.warn({ error, question }, 'A question of the verifier could not be answered')
      return otherwise
    } finally {
      clearTimeout(timer)
    }
  }
}
