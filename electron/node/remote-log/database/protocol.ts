import { ERROR_CODES, type ErrorCode, TidemarkError } from '../../../../shared/errors.ts'

export type SqlValue = string | number | bigint | Uint8Array | null
export type SqlRow = Record<string, SqlValue>

/** One SQL text, run once for each list of parameters. */
export interface Statement {
  sql: string
  rows: readonly (readonly SqlValue[])[]
}

export interface OpenRequest {
  kind: 'open'
  call: number
  file: number
  path: string
  migrations: readonly string[]
}

export type DatabaseRequest =
  | OpenRequest
  | { kind: 'write'; call: number; file: number; statements: readonly Statement[] }
  | { kind: 'read'; call: number; file: number; sql: string; parameters: readonly SqlValue[] }
  | { kind: 'close'; call: number; file: number }
  | { kind: 'end'; call: number }

export interface DatabaseAnswer {
  call: number
  value?: unknown
  error?: ErrorShape
}

/** An error on its way between threads; structured cloning alone would lose the class and the code. */
export interface ErrorShape {
  message: string
  code: string | undefined
  remedy: string | undefined
}

export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof TidemarkError)
    return { message: error.message, code: error.code, remedy: error.remedy }
  if (error instanceof Error) {
    const code = 'code' in error ? String(error.code) : undefined
    return { message: error.message, code, remedy: undefined }
  }
  return { message: String(error), code: undefined, remedy: undefined }
}

export function fromErrorShape(shape: ErrorShape): Error {
  const { message, code, remedy } = shape
  if (remedy !== undefined && isErrorCode(code)) return new TidemarkError(code, message, remedy)
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return (ERROR_CODES as readonly (string | undefined)[]).includes(code)
}
