import { z } from 'zod'

/** Most parts and texts of one list; the whole dependency tree has below a thousand. */
const MAX_PARTS = 10_000
/** Longest text of a licence, in UTF-16 units; the longest shipped has 18,000. */
const MAX_TEXT_LENGTH = 200_000

const shippedPartSchema = z.object({
  name: z.string().max(256),
  version: z.string().max(128),
  /** As the part's own package file says it, mostly an SPDX expression. */
  licence: z.string().max(256),
  /** Where its source is, as its package file says it. */
  source: z.string().max(2_048).nullable(),
  /** Place of the licence's text in `texts`; null where the part carries none. */
  text: z.int().min(0).nullable(),
})

/** The list that a build makes of what is shipped: `scripts/licences.mjs` writes it. */
export const licenceListSchema = z.object({
  parts: z.array(shippedPartSchema).max(MAX_PARTS),
  texts: z.array(z.string().max(MAX_TEXT_LENGTH)).max(MAX_PARTS),
})

export type LicenceList = z.infer<typeof licenceListSchema>
export type ShippedPart = z.infer<typeof shippedPartSchema>

/** What Tidemark says about itself. */
export interface ProductLicences {
  version: string
  licence: string
  /** Parts under licences of their own, by name; empty where no build has listed them. */
  parts: ShippedPart[]
}
