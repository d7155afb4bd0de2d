import { type Address, formatAddress } from '../address.ts'
import { RemoteLogError } from '../errors.ts'
import { toHex } from '../hex.ts'
import { decodePage, type Page, type Pair } from '../wire/page.ts'
import type { ContentReader } from './content-reader.ts'
import type { LogFinding } from './finding.ts'
import type { HeadRelation } from './head-relation.ts'
import type { RestoredLog } from './restored-log.ts'

/**
 * Consecutive pages that may name nothing new before the log counts as one that goes round in circles. Pages name
 * the page before by its hash, so that none can truly lead back to itself.
 */
const MAX_BARREN_PAGES = 4_096
/** Where pages have no more messages than this, the way from page to page is what takes the time. */
const SMALL_PAGE = 16
/** Pages to read before a store that could not fetch ahead is asked to again. */
const ASK_AGAIN_AFTER = 256

/** What a walk over a log comes by, in its order: newest first. */
export type WalkItem =
  /** A message that is to be fetched. */
  | { kind: 'pair'; pair: Pair; page: Address | null }
  /** A message that is settled already, met on a page. */
  | { kind: 'known'; localHash: Uint8Array; page: Address | null }
  /** All of a page has been handed out. */
  | { kind: 'page-end'; address: Address; walk: number; next: Address | null; findings: LogFinding[] }
  /** All of the head has been handed out. */
  | { kind: 'head-end' }
  | { kind: 'finding'; finding: LogFinding }

export interface LogWalkOptions {
  log: RestoredLog
  reader: ContentReader
  relation: HeadRelation
  /** Pages read in one run at most. */
  maxPages: number
  /** Told to stop, a walk ends behind the page it is at. */
  shouldStop: () => boolean
}

/** Walks a log from its head and from wherever earlier walks have stopped. Writes nothing. */
export class LogWalk {
  readonly #options: LogWalkOptions
  /** Pages this run could not get past: another run may. */
  readonly #stuckAt = new Set<string>()
  #pages = 0
  #barrenPages = 0
  /** Pages to be read before fetching ahead is worth asking for. */
  #pagesAhead = 0

  constructor(options: LogWalkOptions) {
    this.#options = options
  }

  isStuckAt(address: Address): boolean {
    return this.#stuckAt.has(formatAddress(address))
  }

  async *head(page: Page, walk: number): AsyncGenerator<WalkItem> {
    yield* this.#pairs(page, null, walk)
    yield { kind: 'head-end' }
  }

  /** Reads page after page, from `start` to the first page, or to one that was read before. */
  async *pages(start: Address, walk: number): AsyncGenerator<WalkItem> {
    let address: Address | null = start
    // The first page tells whether pages are small.
    this.#pagesAhead = 1
    while (address !== null && !this.#options.shouldStop()) {
      if (this.#pages >= this.#options.maxPages) {
        this.#stuckAt.add(formatAddress(address))
        yield {
          kind: 'finding',
          finding: { kind: 'log-too-long', page: formatAddress(address), pages: this.#pages },
        }
        return
      }
      if (this.#pagesAhead <= 0)
        this.#pagesAhead = (await this.#options.reader.fetchAhead(address)) || ASK_AGAIN_AFTER
      const page = await this.#readPage(address)
      if ('kind' in page) {
        if (page.kind === 'page-missing') {
          this.#stuckAt.add(formatAddress(address))
          yield { kind: 'finding', finding: page }
        } else {
          // What matches its address and is no page stays none: it is not asked for again.
          yield { kind: 'page-end', address, walk, next: null, findings: [page] }
        }
        return
      }
      this.#pages += 1
      this.#pagesAhead = page.pairs.length > SMALL_PAGE ? ASK_AGAIN_AFTER : this.#pagesAhead - 1
      const named = yield* this.#pairs(page, address, walk)
      this.#barrenPages = named > 0 ? 0 : this.#barrenPages + 1
      const { next, findings } = await this.#whereNext(page.tail, walk)
      yield { kind: 'page-end', address, walk, next, findings }
      address = next
    }
  }

  async #readPage(
    address: Address,
  ): Promise<Page | (LogFinding & { kind: 'page-missing' | 'page-unreadable' })> {
    const page = formatAddress(address)
    try {
      return decodePage(await this.#options.reader.read(address))
    } catch (error) {
      if (!(error instanceof RemoteLogError)) throw error
      const isFinal = error.code === 'page-unreadable' || error.code === 'content-too-large'
      return { kind: isFinal ? 'page-unreadable' : 'page-missing', page, reason: error.message }
    }
  }

  /** Returns how many messages the page names that were not known. */
  async *#pairs(page: Page, address: Address | null, walk: number): AsyncGenerator<WalkItem, number> {
    const known = await this.#options.log.known(page.pairs.map(({ localHash }) => localHash))
    for (const pair of page.pairs) {
      const isKnown = known.has(toHex(pair.localHash))
      this.#options.relation.messageNamed(pair.localHash, isKnown, walk)
      yield isKnown
        ? { kind: 'known', localHash: pair.localHash, page: address }
        : { kind: 'pair', pair, page: address }
    }
    return page.pairs.length - known.size
  }

  async #whereNext(
    tail: Address | null,
    walk: number,
  ): Promise<{ next: Address | null; findings: LogFinding[] }> {
    if (tail === null) return { next: null, findings: [] }
    if (this.#barrenPages > MAX_BARREN_PAGES) {
      return { next: null, findings: [{ kind: 'log-loops', page: formatAddress(tail) }] }
    }
    if (!(await this.#options.log.isRead(tail))) return { next: tail, findings: [] }
    this.#options.relation.knownPageReached(walk)
    return { next: null, findings: [] }
  }
}
