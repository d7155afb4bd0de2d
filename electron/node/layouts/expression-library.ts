import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import { type KeptExpression, keptExpressionSchema } from '../../../shared/layout.ts'
import { MAX_KEPT_EXPRESSIONS, MAX_LIBRARY_BYTES } from './limits.ts'
import { createOneByOne } from './one-by-one.ts'

const LIBRARY_FILE = 'expressions.json'
const librarySchema = z.strictObject({
  version: z.literal(1),
  expressions: z.array(keptExpressionSchema).max(MAX_KEPT_EXPRESSIONS),
})

/** Expressions over fields that are kept for use again, by name. */
export interface ExpressionLibrary {
  list(): Promise<KeptExpression[]>
  /** Keeps an expression; one of the same name gives way. */
  keep(expression: KeptExpression): Promise<void>
  remove(name: string): Promise<void>
}

export interface ExpressionLibraryOptions {
  folder: string
  write(path: string, text: string): Promise<void>
}

export function createExpressionLibrary({ folder, write }: ExpressionLibraryOptions): ExpressionLibrary {
  const path = join(folder, LIBRARY_FILE)
  const oneByOne = createOneByOne()

  async function read(): Promise<KeptExpression[]> {
    const info = await stat(path).catch(() => null)
    if (info === null) return []
    const text = info.size > MAX_LIBRARY_BYTES ? '' : await readFile(path, 'utf8')
    try {
      return librarySchema.parse(JSON.parse(text)).expressions
    } catch (cause) {
      throw new TidemarkError(
        'config-invalid',
        'The library of expressions cannot be read; it was edited by hand or by a newer version.',
        `Mend ${path} or move it away; layouts keep their own expressions either way.`,
        { cause },
      )
    }
  }

  async function replace(expressions: KeptExpression[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await write(path, `${JSON.stringify({ version: 1, expressions }, null, 2)}\n`)
  }

  return {
    list: () => oneByOne(read),
    keep: (expression) =>
      oneByOne(async () => {
        const others = (await read()).filter(({ name }) => name !== expression.name)
        if (others.length >= MAX_KEPT_EXPRESSIONS) {
          throw new TidemarkError(
            'invalid-input',
            `The library holds ${MAX_KEPT_EXPRESSIONS} expressions, which is all it takes.`,
            'Delete one that is no longer used.',
          )
        }
        await replace([...others, expression].sort((a, b) => (a.name < b.name ? -1 : 1)))
      }),
    remove: (name) =>
      oneByOne(async () => {
        await replace((await read()).filter((kept) => kept.name !== name))
      }),
  }
}
