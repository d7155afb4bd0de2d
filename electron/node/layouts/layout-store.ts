import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TidemarkError } from '../../../shared/errors.ts'
import {
  type Layout,
  type LayoutSummary,
  layoutText,
  MAX_LAYOUT_BYTES,
  parseLayout,
  partsOfLayout,
} from '../../../shared/layout.ts'
import type { Clock } from '../ports.ts'
import { createExpressionLibrary, type ExpressionLibrary } from './expression-library.ts'
import { MAX_LAYOUTS } from './limits.ts'
import { createOneByOne } from './one-by-one.ts'

const FILE_NAME = /^([0-9a-f]{16})\.json$/

/** Arranged workspaces, a file each in the data folder. */
export interface LayoutStore {
  readonly expressions: ExpressionLibrary
  /** Newest first. A file that cannot be read is listed with its problem and never touched. */
  list(): Promise<LayoutSummary[]>
  /** @throws TidemarkError `layout-not-found`, `layout-newer`, `layout-invalid` */
  get(id: string): Promise<Layout>
  /** On disk when it resolves. Without an id it is kept as a new one; answers the id. */
  save(layout: Layout, id?: string): Promise<string>
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
}

export interface LayoutStoreOptions {
  folder: string
  /** Replaces a file so that a crash leaves the old or the new one, whole. */
  write(path: string, text: string): Promise<void>
  clock: Clock
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

export function createLayoutStore({ folder, write, clock }: LayoutStoreOptions): LayoutStore {
  const pathOf = (id: string) => join(folder, `${id}.json`)
  const oneByOne = createOneByOne()

  async function ids(): Promise<string[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw error
    })
    return names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
  }

  async function read(id: string): Promise<{ layout: Layout; savedAt: number }> {
    try {
      const info = await stat(pathOf(id))
      // Measured before it is read: somebody may have put anything there.
      const text =
        info.size > MAX_LAYOUT_BYTES ? ' '.repeat(MAX_LAYOUT_BYTES + 1) : await readFile(pathOf(id), 'utf8')
      return { layout: parseLayout(text), savedAt: info.mtimeMs }
    } catch (error) {
      if (!isMissing(error)) throw error
      throw new TidemarkError(
        'layout-not-found',
        'This node keeps no such layout.',
        'It may have been deleted, or the link comes from another node: ask for it as a file.',
      )
    }
  }

  async function summary(id: string): Promise<LayoutSummary | null> {
    try {
      const { layout, savedAt } = await read(id)
      return {
        id,
        name: layout.name,
        savedAt,
        panels: layout.panels.length,
        parts: partsOfLayout(layout),
        problem: null,
      }
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      if (error.code === 'layout-not-found') return null
      return { id, name: `${id}.json`, savedAt: clock.now(), panels: 0, parts: [], problem: error.message }
    }
  }

  async function keep(layout: Layout, id: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const text = layoutText(layout)
    parseLayout(text)
    await write(pathOf(id), text)
  }

  return {
    expressions: createExpressionLibrary({ folder, write }),
    async list() {
      const found = await Promise.all((await ids()).slice(0, MAX_LAYOUTS).map(summary))
      return found
        .filter((entry) => entry !== null)
        .sort((a, b) => b.savedAt - a.savedAt || (a.id < b.id ? -1 : 1))
    },
    get: async (id) => (await read(id)).layout,
    save: (layout, id) =>
      oneByOne(async () => {
        // What is there under this id must be ours to replace: not a newer version's, not gone.
        if (id !== undefined) await read(id)
        else if ((await ids()).length >= MAX_LAYOUTS) {
          throw new TidemarkError(
            'invalid-input',
            `This node keeps ${MAX_LAYOUTS} layouts, which is all it takes.`,
            'Delete one that is no longer used.',
          )
        }
        const kept = id ?? randomBytes(8).toString('hex')
        await keep(layout, kept)
        return kept
      }),
    rename: (id, name) =>
      oneByOne(async () => {
        await keep({ ...(await read(id)).layout, name }, id)
      }),
    remove: (id) => oneByOne(() => rm(pathOf(id), { force: true })),
  }
}
