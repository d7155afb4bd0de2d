import { type Address, addressOf } from '../address.ts'
import { PAGE_TARGET_BYTES } from '../bounds.ts'
import { encodePage, type Page, type Pair } from '../wire/page.ts'
import type { LogLayout } from './layout.ts'

/** A message of the log that is on no closed page yet. */
export interface OpenEntry {
  /** Place in the log, counted from 1. */
  number: number
  localHash: Uint8Array
  /** Its address, once it is to be uploaded. */
  remoteHash: Address | null
  /** The encoded MVDS message, until it is to be uploaded. */
  message: Uint8Array | null
}

export interface PlannedPage {
  address: Address
  content: Uint8Array
  firstNumber: number
  lastNumber: number
}

/** What has to be uploaded and remembered so that the name can lead to `head`. */
export interface Plan {
  /** Closed pages, oldest first; each names the one before as its tail. */
  pages: PlannedPage[]
  /** Entries that stay on the head, oldest first. */
  open: OpenEntry[]
  /** Messages to upload, in the order of the log. */
  messages: Uint8Array[]
  head: Page
}

/**
 * Lays a log out: closes pages while the head holds more than it should, and maps what is not embedded. Pure, and
 * addresses follow from content, so the whole plan is known before anything is uploaded.
 * @param entries open entries, oldest first, at least one.
 * @param tail the newest closed page.
 */
export function planPages(entries: readonly OpenEntry[], tail: Address | null, layout: LogLayout): Plan {
  const messages: Uint8Array[] = []
  const pages: PlannedPage[] = []
  let open = [...entries]
  let newestPage = tail
  for (let size = closeable(open, layout); size > 0; size = closeable(open, layout)) {
    const closed = open.slice(0, size)
    open = open.slice(size)
    const page: Page = {
      pairs: toPairs(closed, layout.embedInPages ? closed.length : 0, messages).pairs,
      tail: newestPage,
    }
    const content = encodePage(page)
    newestPage = addressOf(content)
    pages.push({
      address: newestPage,
      content,
      firstNumber: closed[0]?.number ?? 0,
      lastNumber: closed.at(-1)?.number ?? 0,
    })
  }
  const { pairs, entries: remaining } = toPairs(open, layout.embedInHead, messages)
  return { pages, open: remaining, messages, head: { pairs, tail: newestPage } }
}

/** How many of the oldest open entries make the next closed page; 0 when none is due. The newest entry stays open. */
function closeable(open: readonly OpenEntry[], { pageSize, embedInHead, embedInPages }: LogLayout): number {
  if (embedInPages) {
    const fitting = countFitting(open, PAGE_TARGET_BYTES)
    const due = open.length > pageSize || fitting < open.length
    return due ? Math.min(pageSize, Math.max(fitting, 1), open.length - 1) : 0
  }
  return open.length > pageSize + embedInHead ? pageSize : 0
}

/** How many of the oldest entries fit into `maxBytes` when embedded. */
function countFitting(entries: readonly OpenEntry[], maxBytes: number): number {
  let sizeBytes = 0
  for (const [at, { message }] of entries.entries()) {
    sizeBytes += message?.length ?? 0
    if (sizeBytes > maxBytes) return at
  }
  return entries.length
}

/**
 * Pairs, newest first, of which the newest `embed` carry their message as long as it is at hand and they stay
 * within the size of a page; the others are mapped, which puts their messages on the list of what to upload.
 */
function toPairs(
  entries: readonly OpenEntry[],
  embed: number,
  messages: Uint8Array[],
): { pairs: Pair[]; entries: OpenEntry[] } {
  let roomBytes = PAGE_TARGET_BYTES
  const newestFirst = entries.toReversed().map((entry, at) => {
    const { message } = entry
    if (message === null) return entry
    roomBytes -= message.length
    const isEmbedded = at < embed && (roomBytes >= 0 || at === 0)
    return isEmbedded
      ? entry
      : { ...entry, remoteHash: entry.remoteHash ?? addressOf(message), message: null }
  })
  const mapped = newestFirst.toReversed()
  for (const [at, entry] of entries.entries()) {
    if (entry.message !== null && mapped[at]?.message === null) messages.push(entry.message)
  }
  return {
    pairs: newestFirst.map(({ localHash, remoteHash, message }) => ({
      localHash,
      remoteHash,
      data: message,
    })),
    entries: mapped,
  }
}
