import type {
  AppendResult,
  Logger,
  PermissionAnswer,
  PermissionOracle,
  RefusedMessage,
  VerifiedMessage,
} from '../../../electron/node/ports.ts'
import type { ContractSignatureChecker } from '../../../electron/node/provenance/contract-signature.ts'

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}

export function permission(
  state: PermissionAnswer['state'],
  change: Partial<PermissionAnswer> = {},
): PermissionAnswer {
  return {
    state,
    evidence: null,
    validFrom: 0,
    validTo: Number.POSITIVE_INFINITY,
    partitions: null,
    ...change,
  }
}

/** A registry whose answers a test sets, and which counts what it is asked. */
export class SettablePermissions implements PermissionOracle {
  readonly #listeners = new Set<(streamId: string) => void>()
  asked = 0
  answer: (streamId: string, publisher: string, at: number) => PermissionAnswer | Promise<PermissionAnswer>

  constructor(answer: SettablePermissions['answer'] = () => permission('permitted')) {
    this.answer = answer
  }

  async publishPermission(streamId: string, publisher: string, at: number): Promise<PermissionAnswer> {
    this.asked += 1
    return this.answer(streamId, publisher, at)
  }

  onChange(listener: (streamId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  change(streamId: string): void {
    for (const listener of this.#listeners) listener(streamId)
  }
}

export const noContracts: ContractSignatureChecker = { check: async () => 'unavailable' }

/** Keeps what is appended in memory, by id and digest; may be told to fail. */
export class MemoryAppends {
  readonly messages = new Map<string, VerifiedMessage>()
  readonly refused: RefusedMessage[] = []
  appends = 0
  beforeAppend: () => Promise<void> = async () => undefined

  async append(
    messages: readonly VerifiedMessage[],
    refused: readonly RefusedMessage[] = [],
  ): Promise<AppendResult> {
    this.appends += 1
    await this.beforeAppend()
    let duplicates = 0
    for (const message of messages) {
      const key = `${JSON.stringify(message.id)} ${Buffer.from(message.digest).toString('hex')}`
      if (this.messages.has(key)) duplicates += 1
      else this.messages.set(key, message)
    }
    this.refused.push(...refused)
    const stored = messages.length - duplicates
    return {
      stored,
      duplicates,
      quarantined: refused.length,
      equivocations: 0,
      held: 0,
      declined: 0,
      parts: [],
    }
  }
}
