import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditBody } from '../../../../shared/audit-report.ts'
import { schemaProblem } from '../../../../shared/rules/json-schema-bounds.ts'
import { createSchemaJudge, type SchemaJudge } from '../../../../shared/schema-judge.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { type ParsedContent, parseJsonContent } from '../../message/json-content.ts'
import { MessageRefused } from '../../message/message-refused.ts'
import type { StoredMessage } from '../../ports.ts'
import { MAX_SCHEMA_CHECKS, SCHEMA_CHECKS_AT_ONCE } from './limits.ts'

type SchemaCounts = NonNullable<AuditBody['schema']>

/**
 * Checks contents against the JSON Schema in a stream's metadata, interpreted, so that no code is made of what strangers
 * wrote. Contents that are encrypted or no JSON are counted and blamed on nobody.
 */
export class ContentSchema {
  readonly counts: SchemaCounts
  readonly #judge: SchemaJudge

  /** Null where there is no schema, or one that cannot be checked within bounds. @param counts of the same audit before a pause */
  static of(schema: unknown, counts?: SchemaCounts | null): ContentSchema | null {
    if (typeof schema !== 'object' || schema === null || schemaProblem(schema) !== undefined) return null
    const digest = hash('sha256', JSON.stringify(schema), 'hex')
    // Changed while the audit was paused: what was checked before was checked against another.
    if (counts != null && counts.digest !== digest) return null
    return new ContentSchema(
      schema,
      counts ?? { digest, checked: 0, violations: 0, unreadable: 0, unchecked: 0 },
    )
  }

  private constructor(schema: object, counts: SchemaCounts) {
    this.counts = { ...counts }
    this.#judge = createSchemaJudge(schema)
  }

  /** Checks verified messages in their order, a few in each turn of the event loop. */
  async check(
    messages: readonly StoredMessage[],
    onViolation: (message: StoredMessage, problem: string) => void,
  ): Promise<void> {
    for (const [at, message] of messages.entries()) {
      if (at % SCHEMA_CHECKS_AT_ONCE === SCHEMA_CHECKS_AT_ONCE - 1) await nextTurn()
      if (this.counts.checked + this.counts.unreadable >= MAX_SCHEMA_CHECKS) {
        this.counts.unchecked += messages.length - at
        return
      }
      const problem = this.#problemOf(message)
      if (problem !== undefined) {
        this.counts.violations += 1
        onViolation(message, problem)
      }
    }
  }

  #problemOf({ raw, encrypted }: StoredMessage): string | undefined {
    const parsed = encrypted ? undefined : contentOf(raw)
    if (parsed === undefined || parsed.opaque !== undefined) {
      this.counts.unreadable += 1
      return undefined
    }
    this.counts.checked += 1
    const problem = this.#judge.problemOf(parsed.value)
    return problem && `${problem.place}: ${problem.keyword}`
  }
}

/** Undefined for bytes that are damaged on disk, which is a finding of its own. */
function contentOf(raw: Uint8Array): ParsedContent | undefined {
  try {
    const { body } = decodeStreamMessage(raw)
    return body.kind === 'content' ? parseJsonContent(body.content) : undefined
  } catch (error) {
    if (error instanceof MessageRefused) return undefined
    throw error
  }
}
