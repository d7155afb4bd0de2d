import { useMemo } from 'react'
import type { MessageRow } from '../../shared/message.ts'
import { schemaProblem } from '../../shared/rules/json-schema-bounds.ts'
import { createSchemaJudge, type SchemaProblem } from '../../shared/schema-judge.ts'

/** What the stream's schema does not allow in a row; undefined where it allows it, or nothing can be said. */
export type JudgeRow = (row: MessageRow) => SchemaProblem | undefined

function judgeOf(schema: unknown): JudgeRow | null {
  if (typeof schema !== 'object' || schema === null || schemaProblem(schema) !== undefined) return null
  try {
    const judge = createSchemaJudge(schema)
    return ({ content, contentKind, contentTruncated }) => {
      if (contentKind !== 'json' || contentTruncated) return undefined
      try {
        return judge.problemOf(content)
      } catch {
        // A schema that cannot be interpreted blames nobody.
        return undefined
      }
    }
  } catch {
    return null
  }
}

/** Holds the rows in sight to the schema of their stream; null for a stream without one. */
export function useSchemaJudge(schema: unknown): JudgeRow | null {
  return useMemo(() => judgeOf(schema), [schema])
}

/** The same for rows of several stream parts. */
export function useSchemaJudges(
  parts: readonly string[],
  schemaOf: (part: string) => unknown,
): (part: string) => JudgeRow | null {
  const key = JSON.stringify([...new Set(parts)])
  return useMemo(() => {
    const judges = new Map((JSON.parse(key) as string[]).map((part) => [part, judgeOf(schemaOf(part))]))
    return (part) => judges.get(part) ?? null
  }, [key, schemaOf])
}
