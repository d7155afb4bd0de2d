import { MessageRefused } from '../message/message-refused.ts'
import { VerifiedBatchEncoder } from '../message/verified-batch.ts'
import type { AppendResult, PermissionAnswer, RawMessage } from '../ports.ts'
import { type AuditedBatch, packAudited } from './audited-batch.ts'
import { BatchCheck } from './batch-check.ts'
import { type Decision, decide, type SignatureStanding } from './decide.ts'
import { addAppendResult, emptyAppendResult, emptyCounts } from './ingest-result.ts'
import { PermissionCache } from './permission-cache.ts'
import { askPermissions } from './permission-questions.ts'
import { type RawBatch, unpackRawBatch } from './raw-batch.ts'
import { contractQuestion, type ReadMessage, readMessage, toVerifiedMessage } from './read-message.ts'
import { type SignatureCheck, SignatureVerifier } from './signature.ts'
import { MAX_QUESTIONS_PER_BATCH, MAX_REFUSED_EXCERPT_BYTES } from './verifier-limits.ts'
import type {
  BatchCounts,
  ContractAnswer,
  ContractQuestion,
  PermissionQuestion,
} from './verifier-protocol.ts'

/** What a batch verifier needs from other threads. Answers stand at the index of their questions. */
export interface BatchVerifierLinks {
  /** Does not reject; undefined where there is no answer in time. */
  askPermissions(questions: PermissionQuestion[]): Promise<(PermissionAnswer | undefined)[]>
  /** Does not reject; `unavailable` where there is no answer in time. */
  askContracts(questions: ContractQuestion[]): Promise<ContractAnswer[]>
  /** Resolves once an encoded verified batch is on disk. */
  store(batch: ArrayBuffer): Promise<AppendResult>
}

export interface StoredBatch {
  counts: BatchCounts
  result: AppendResult
}

/** What happens to the messages of one batch: each is decided, refused, or left out as key exchange. */
interface Outcomes {
  decided(message: ReadMessage, decision: Decision): void
  refused(raw: RawMessage, refusal: MessageRefused): void
  keyExchange(): void
  /** Called after each run of outcomes, in the same turn of the event loop. */
  flush(): void
}

/** A message whose verdict waits for an answer. */
interface OpenMessage {
  message: ReadMessage
  signature: SignatureCheck
}

/**
 * Verifies batches of raw messages: bounds, decoding, digest, signature, permission, fields, in this order and
 * before anything is compared with what is stored. Messages that can be decided are handed to the store at once;
 * those that need the registry or a contract follow when these have answered.
 */
export class BatchVerifier {
  readonly #links: BatchVerifierLinks
  readonly #signatures = new SignatureVerifier(() => new BatchCheck())
  readonly #permissions = new PermissionCache()
  /** Filled and emptied within one turn of the event loop, so that waiting batches do not meet in it. */
  readonly #encoder = new VerifiedBatchEncoder()

  constructor(links: BatchVerifierLinks) {
    this.#links = links
  }

  /** Forgets what the registry said about a stream. */
  invalidate(streamId: string): void {
    this.#permissions.invalidate(streamId)
  }

  /**
   * Resolves when all of the batch is on disk.
   * @throws TidemarkError when the store could not take it; verifying the batch again is safe then.
   */
  async store(batch: RawBatch): Promise<StoredBatch> {
    const counts = emptyCounts()
    const appends: Promise<AppendResult>[] = []
    let unsent = 0
    await this.#verify(batch, {
      decided: (message, decision) => {
        counts.verdicts[decision.verdict] += 1
        this.#encoder.add(toVerifiedMessage(message, decision))
        unsent += 1
      },
      refused: ({ bytes, source, receivedAt }, { reason }) => {
        counts.refused += 1
        this.#encoder.addRefused({
          reason,
          source,
          receivedAt,
          raw: bytes.subarray(0, MAX_REFUSED_EXCERPT_BYTES),
        })
        unsent += 1
      },
      keyExchange: () => {
        counts.keyExchange += 1
      },
      flush: () => {
        if (unsent === 0) return
        unsent = 0
        const append = this.#links.store(this.#encoder.finish())
        // Awaited below, when the open messages are decided too; until then a failure is not unhandled.
        append.catch(() => undefined)
        appends.push(append)
      },
    })
    const result = emptyAppendResult()
    for (const appended of await Promise.all(appends)) addAppendResult(result, appended)
    return { counts, result }
  }

  /** Verdicts without storing, at the index of their messages; null for what is no message with content. */
  async decide(batch: RawBatch): Promise<(Decision | null)[]> {
    const decisions = new Map<RawMessage, Decision>()
    const messages = await this.#verify(batch, {
      decided: ({ raw }, decision) => decisions.set(raw, decision),
      refused: () => undefined,
      keyExchange: () => undefined,
      flush: () => undefined,
    })
    return messages.map((raw) => decisions.get(raw) ?? null)
  }

  /** Verdicts with what an audit compares, without storing. */
  async audit(batch: RawBatch): Promise<AuditedBatch> {
    const found = new Map<RawMessage, { message: ReadMessage; decision: Decision }>()
    const messages = await this.#verify(batch, {
      decided: (message, decision) => found.set(message.raw, { message, decision }),
      refused: () => undefined,
      keyExchange: () => undefined,
      flush: () => undefined,
    })
    return packAudited(messages.length, (at) => {
      const raw = messages[at]
      return raw && found.get(raw)
    })
  }

  /**
   * Goes over the batch in three passes, reading, checking signatures, deciding, rather than message by message:
   * each pass keeps its code and tables in the processor's caches, which saves some microseconds a message.
   */
  async #verify(batch: RawBatch, outcomes: Outcomes): Promise<RawMessage[]> {
    const raws = unpackRawBatch(batch)
    const messages = this.#readAll(raws, outcomes)
    const signatures = this.#signatures.checkAll(messages)
    const open: OpenMessage[] = []
    messages.forEach((message, at) => {
      const signature = signatures[at] ?? 'signature-invalid'
      if (!this.#decideNow(message, signature, outcomes)) open.push({ message, signature })
    })
    outcomes.flush()
    if (open.length > 0) await this.#decideOpen(open, outcomes)
    return raws
  }

  #readAll(raws: readonly RawMessage[], outcomes: Outcomes): ReadMessage[] {
    const messages: ReadMessage[] = []
    for (const raw of raws) {
      try {
        const message = readMessage(raw)
        if (message === undefined) outcomes.keyExchange()
        else messages.push(message)
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error
        outcomes.refused(raw, error)
      }
    }
    return messages
  }

  /** False when the verdict depends on an answer that is not at hand. */
  #decideNow(message: ReadMessage, signature: SignatureCheck, { decided }: Outcomes): boolean {
    const { streamId, publisher, timestamp, partition } = message.decoded.id
    if (signature === 'ask-contract') return false
    let permission: PermissionAnswer | undefined
    if (signature === 'valid') {
      permission = this.#permissions.get(streamId, publisher, timestamp)
      if (permission === undefined) return false
    }
    decided(message, decide(signature, permission, partition))
    return true
  }

  async #decideOpen(open: OpenMessage[], outcomes: Outcomes): Promise<void> {
    const standings = await this.#askContracts(open)
    const signed = open.filter(({ message }) => standings.get(message) === 'valid')
    const answers = await askPermissions(
      signed.map(({ message }) => message.decoded.id),
      (questions) => this.#askRegistry(questions),
    )
    const permissions = new Map(signed.map(({ message }, index) => [message, answers[index]]))
    for (const { message } of open) {
      const standing = standings.get(message) ?? 'rpc-unavailable'
      outcomes.decided(message, decide(standing, permissions.get(message), message.decoded.id.partition))
    }
    outcomes.flush()
  }

  /** What each signature is worth once the contracts have spoken. */
  async #askContracts(open: OpenMessage[]): Promise<Map<ReadMessage, SignatureStanding>> {
    const standings = new Map<ReadMessage, SignatureStanding>()
    const asked: ReadMessage[] = []
    for (const { message, signature } of open) {
      if (signature !== 'ask-contract') standings.set(message, 'valid')
      else if (asked.length < MAX_QUESTIONS_PER_BATCH) asked.push(message)
    }
    if (asked.length === 0) return standings
    const answers = await this.#links.askContracts(asked.map(contractQuestion))
    asked.forEach((message, at) => {
      standings.set(message, standingOf(answers[at] ?? 'unavailable'))
    })
    return standings
  }

  async #askRegistry(questions: PermissionQuestion[]): Promise<(PermissionAnswer | undefined)[]> {
    const answers = await this.#links.askPermissions(questions)
    questions.forEach(({ streamId, publisher }, at) => {
      const answer = answers[at]
      if (answer !== undefined) this.#permissions.set(streamId, publisher, answer)
    })
    return answers
  }
}

function standingOf(answer: ContractAnswer): SignatureStanding {
  switch (answer) {
    case 'accepted':
      return 'valid'
    case 'refused':
      return 'contract-refused-signature'
    case 'unavailable':
      return 'rpc-unavailable'
  }
}
