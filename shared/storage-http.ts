/** How this node’s storage interface is offered to others: where it listens, who may ask, and how much. */
import { z } from 'zod'
import { httpUrlInput } from './environment.ts'

export const MAX_API_KEYS = 64
export const MAX_PUBLIC_URLS = 8

export const apiKeyNameInput = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N} ._-]{1,64}$/u, 'must be of letters, digits, spaces, dots and dashes')

/** Bounds an operator may set; the rest is fixed. */
const limitsInput = z.strictObject({
  /** Requests answered at the same time, in all and for one client. */
  maxActive: z.int().min(1).max(1_024).default(64),
  maxActivePerClient: z.int().min(1).max(1_024).default(32),
  /** Requests of one client: at once, and a second after that. */
  burst: z.int().min(1).max(1_000_000).default(4_000),
  requestsPerSecond: z.int().min(1).max(100_000).default(200),
})

export const storageHttpInput = z.strictObject({
  host: z.string().min(1).max(255),
  /** 0 for any free one. */
  port: z.int().min(0).max(65_535),
  /** Where others reach it, as they are to read it in the registry; without any, the address it listens on. */
  publicUrls: z.array(httpUrlInput).max(MAX_PUBLIC_URLS).default([]),
  /** Refuse requests without a key. Streamr’s SDK sends none. */
  requireApiKey: z.boolean().default(false),
  /** Count requests by the address a reverse proxy of the operator reports. */
  trustForwardedFor: z.boolean().default(false),
  limits: limitsInput.prefault({}),
})
export type StorageHttpSettings = z.infer<typeof storageHttpInput>

/** Of a key its digest alone is kept. */
export const apiKeySchema = z.strictObject({
  name: apiKeyNameInput,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type StoredApiKey = z.infer<typeof apiKeySchema>

export interface StorageHttpView {
  settings: StorageHttpSettings
  /** Names of the applications that have a key. */
  apiKeys: string[]
  /** What is set is used from the next start on. */
  needsRestart: boolean
}
