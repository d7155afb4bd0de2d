import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { AuditView } from '../../../../shared/audit.ts'
import { type AuditBody, MAX_REPORT_BYTES } from '../../../../shared/audit-report.ts'
import { messageIdInput, partInput, timestampInput } from '../../../../shared/inputs.ts'
import { writeFileAtomically } from '../../../files/atomic-file.ts'
import type { AuditFoldState } from './audit-fold.ts'
import type { AuditCursor } from './audit-pass.ts'
import { MAX_SAVED_BYTES } from './limits.ts'

export const SAVED_AUDIT_VERSION = 1

/** An audit in the data folder: what it is, and how far it has come. */
export interface SavedAudit {
  version: typeof SAVED_AUDIT_VERSION
  view: AuditView
  /** Null before the first page, and after the end, when the report says all. */
  progress: { cursor: AuditCursor; fold: AuditFoldState; schema?: AuditBody['schema'] } | null
  /** Time of the last message that was taken; -1 before the first. */
  readUpTo: number
  arrivedMeanwhile: number
}

/** The fold is this node's own and is checked by going on with it; the rest is checked here. */
const savedSchema = z.object({
  version: z.literal(SAVED_AUDIT_VERSION),
  view: z.object({
    id: z.string().regex(/^[a-z0-9]{1,40}$/),
    part: partInput,
    from: timestampInput,
    to: timestampInput,
    intervalMs: z.int().min(1),
    status: z.enum(['running', 'paused', 'finished', 'failed']),
    startedAt: timestampInput,
    finishedAt: timestampInput.nullable(),
    checked: z.int().min(0),
    expected: z.int().min(0),
    findings: z.record(z.string(), z.int().min(0)),
    problem: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
  }),
  progress: z
    .object({
      cursor: z.object({ id: messageIdInput, digest: z.string(), copies: z.int().min(1) }),
      fold: z.looseObject({ totals: z.looseObject({}), tree: z.looseObject({}) }),
    })
    .nullable(),
  readUpTo: z.int().min(-1),
  arrivedMeanwhile: z.int().min(0),
})

/** The audits of a data folder, two files each: its state and, at the end, its report. */
export class AuditFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What can be read; files that cannot are named, and left where they are. */
  async load(): Promise<{ audits: SavedAudit[]; unreadable: string[] }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const audits: SavedAudit[] = []
    const unreadable: string[] = []
    for (const name of (await readdir(this.#folder)).sort()) {
      if (!name.endsWith('.audit.json')) continue
      const text = await readBounded(join(this.#folder, name), MAX_SAVED_BYTES)
      const saved = text === null ? null : parse(text)
      if (saved === null || name !== `${saved.view.id}.audit.json`) unreadable.push(name)
      else audits.push(saved)
    }
    return { audits, unreadable }
  }

  save(audit: SavedAudit): Promise<void> {
    return writeFileAtomically(join(this.#folder, `${audit.view.id}.audit.json`), JSON.stringify(audit))
  }

  saveReport(id: string, report: string): Promise<void> {
    return writeFileAtomically(this.#reportPath(id), report)
  }

  /** Null when there is none. */
  report(id: string): Promise<string | null> {
    return readBounded(this.#reportPath(id), MAX_REPORT_BYTES)
  }

  async remove(id: string): Promise<void> {
    await rm(this.#reportPath(id), { force: true })
    await rm(join(this.#folder, `${id}.audit.json`), { force: true })
  }

  #reportPath(id: string): string {
    return join(this.#folder, `${id}.report.json`)
  }
}

function parse(text: string): SavedAudit | null {
  try {
    const value: unknown = JSON.parse(text)
    savedSchema.parse(value)
    return value as SavedAudit
  } catch {
    // Named as unreadable by the caller.
    return null
  }
}

async function readBounded(path: string, maxBytes: number): Promise<string | null> {
  try {
    const { size } = await stat(path)
    return size > maxBytes ? null : await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
