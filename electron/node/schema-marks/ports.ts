/** One bucket of the store's pyramid: its start, ms since the epoch, and what is there, so that a change shows. */
export interface BucketStamp {
  at: number
  stamp: string
}

export interface StoredContent {
  timestamp: number
  /** Plain content; undefined while it is encrypted and no key is known. */
  content: Uint8Array | undefined
}

export interface ContentPage {
  contents: readonly StoredContent[]
  /** Where the next page begins; null behind the last. */
  next: unknown
}

export interface ContentRange {
  part: string
  /** Times of the messages, ms, both ends included. */
  from: number
  to: number
  /** `next` of the page before; null for the first. */
  cursor: unknown
  limit: number
}

/** Stored messages as far as their contents are judged: those that are listed, which forged ones are not. */
export interface ContentSource {
  /** Where the messages of a part begin and end, ms; null while there are none. */
  span(part: string): { from: number; to: number } | null
  /** Buckets of a level of the pyramid that overlap a stretch, ascending; empty ones are left out. */
  stamps(part: string, levelMs: number, from: number, to: number): BucketStamp[]
  read(range: ContentRange): ContentPage
  close(): void
}
