import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { compactJson, JsonRefused } from './compact-json.ts'

/** The files nest a few deep; later minor forms may add a little, hostile ones a lot. */
const MAX_DEPTH = 16

/** What a file of evidence cannot be accepted for. */
export type EvidenceRefusal = { outcome: 'not-good' | 'not-readable'; sentence: string }

/** A kind of file: its name in the file, the versions that are read with their schemas, and its most bytes. */
export interface EvidenceForm {
  kind: string
  /** As in `The file is no Tidemark proof.` */
  name: string
  maxBytes: number
  schemas: Readonly<Record<number, z.ZodType>>
}

export interface EvidenceText {
  kind: string
  version: number
  value: unknown
  /** The JSON without white space between its tokens. */
  compact: string
}

const headingSchema = z.object({ kind: z.string().max(64), version: z.int().min(1) })

/** Reads a file that may be of any of the forms, as far as its heading. Nothing else of it is believed yet. */
export function readEvidence(
  bytes: Uint8Array,
  forms: readonly EvidenceForm[],
): { form: EvidenceForm; text: EvidenceText } | EvidenceRefusal {
  const maxBytes = Math.max(...forms.map((form) => form.maxBytes))
  if (bytes.length > maxBytes)
    return notReadable(`The file has more than ${maxBytes.toLocaleString('en')} bytes.`)
  if (!isUtf8(bytes)) return notReadable('The file is not UTF-8 text.')
  let compact: string
  let value: unknown
  try {
    compact = compactJson(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
      MAX_DEPTH,
    )
    value = JSON.parse(compact)
  } catch (error) {
    if (error instanceof JsonRefused) return notReadable(`The file holds ${error.message}.`)
    if (error instanceof SyntaxError) return notReadable('The file is not JSON.')
    throw error
  }
  const heading = headingSchema.safeParse(value)
  const form = heading.success ? forms.find(({ kind }) => kind === heading.data.kind) : undefined
  if (!heading.success || form === undefined) {
    return notReadable(`The file is no Tidemark ${forms.map(({ name }) => name).join(' or ')}.`)
  }
  const { kind, version } = heading.data
  const newest = Math.max(...Object.keys(form.schemas).map(Number))
  if (version > newest) {
    return notReadable(
      `The ${form.name} has version ${version}, and this Tidemark reads version ${newest}. A newer Tidemark can read it.`,
    )
  }
  return { form, text: { kind, version, value, compact } }
}

/**
 * The value of a file by the schema of its version. Anything that reads the same but is written otherwise, such as a
 * key that stands twice, is an alteration.
 */
export function parseEvidence<T>(
  { value, compact }: EvidenceText,
  schema: z.ZodType<T>,
  name: string,
): { value: T } | EvidenceRefusal {
  const parsed = schema.safeParse(value)
  if (!parsed.success) return notReadable(`The ${name} is not well formed: ${firstIssue(parsed.error)}.`)
  if (JSON.stringify(parsed.data) !== compact) {
    return notGood('The file was altered: it says something twice, in another order or in another form.')
  }
  return { value: parsed.data }
}

/** The first thing that is wrong, by its place in the file. */
function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues
  const place = issue?.path.join('.')
  return `${place ? `${place}: ` : ''}${issue?.message ?? 'unknown'}`
}

export function notReadable(sentence: string): EvidenceRefusal {
  return { outcome: 'not-readable', sentence }
}

export function notGood(sentence: string): EvidenceRefusal {
  return { outcome: 'not-good', sentence }
}
