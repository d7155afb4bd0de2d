import { z } from 'zod'
import { MAX_PAIRS_PER_PAGE } from '../bounds.ts'

/** The head holds up to page size + k messages before a page is closed, and has to be readable as a page itself. */
const MAX_PAGE_SIZE = MAX_PAIRS_PER_PAGE / 2
const MAX_EMBED_NEWEST = MAX_PAIRS_PER_PAGE / 4

/**
 * The three modes of 3/REMOTE-LOG and their mix. `full`: every message is embedded in its page. `mapped`: pages
 * name messages in the CAS. `linked`: like `mapped`, one message a page. `mixed`: the newest k embedded, the rest
 * mapped.
 */
export const LOG_MODES = ['full', 'mapped', 'linked', 'mixed'] as const
export type LogMode = (typeof LOG_MODES)[number]

export const logSettingsSchema = z.strictObject({
  mode: z.enum(LOG_MODES).default('mixed'),
  /** Messages on a closed page; of no effect in mode `linked`. */
  pageSize: z.int().min(1).max(MAX_PAGE_SIZE).default(512),
  /** k of mode `mixed`. */
  embedNewest: z.int().min(1).max(MAX_EMBED_NEWEST).default(16),
})

/** How a log is laid out. May be changed while it grows: what was published stays as it is. */
export type LogSettings = z.infer<typeof logSettingsSchema>

/** What the modes come down to: one code path lays out all of them. */
export interface LogLayout {
  /** Messages on a closed page. */
  pageSize: number
  /** The newest so many messages are embedded in the head. */
  embedInHead: number
  /** Closed pages carry their messages instead of mapping them. */
  embedInPages: boolean
}

export function layoutOf({ mode, pageSize, embedNewest }: LogSettings): LogLayout {
  switch (mode) {
    case 'full':
      return { pageSize, embedInHead: Number.POSITIVE_INFINITY, embedInPages: true }
    case 'mapped':
      return { pageSize, embedInHead: 0, embedInPages: false }
    case 'linked':
      return { pageSize: 1, embedInHead: 0, embedInPages: false }
    case 'mixed':
      return { pageSize, embedInHead: embedNewest, embedInPages: false }
  }
}
