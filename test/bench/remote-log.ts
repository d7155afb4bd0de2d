import { type Address, addressOf, formatAddress } from '../../electron/node/remote-log/address.ts'
import {
  LOG_MODES,
  type LogMode,
  layoutOf,
  logSettingsSchema,
} from '../../electron/node/remote-log/publisher/layout.ts'
import { type OpenEntry, planPages } from '../../electron/node/remote-log/publisher/plan.ts'
import {
  encodeMvdsMessage,
  mvdsMessageId,
  wrapStreamMessage,
} from '../../electron/node/remote-log/wire/mvds-message.ts'
import { decodeHead, decodePage, encodeHead, type Page } from '../../electron/node/remote-log/wire/page.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'

const MESSAGES = 1_000_000
const NEWEST = 10
const BATCH = 1_024
/** Only of the last so many messages the blocks are kept: the newest ten need no others. */
const KEPT_MESSAGES = 4_096
/** Signing a million messages would measure signing: so many are signed, and repeated. */
const WRAPPED = 2_048

const NOTHING = { localHash: new Uint8Array(32), message: new Uint8Array(0) }

export interface Cost {
  /** Steps that each need the answer of the one before. */
  roundTrips: number
  requests: number
  bytes: number
}

/** What it takes to learn the newest ten messages of a log, by mode. */
export async function run(): Promise<Record<string, number | Cost>> {
  return costs(MESSAGES)
}

export function costs(messages: number): Record<string, number | Cost> {
  const figures: Record<string, number | Cost> = { messages, newest: NEWEST }
  for (const mode of LOG_MODES) figures[mode] = costOf(mode, messages)
  return figures
}

function costOf(mode: LogMode, messages: number): Cost {
  const { head, blocks } = publish(mode, messages)
  return learnNewest(head, blocks)
}

/** Lays the log out as the publisher does, batch by batch. */
function publish(mode: LogMode, messages: number): { head: Uint8Array; blocks: Map<string, Uint8Array> } {
  const author = createTestPublisher('author of the bench')
  const layout = layoutOf(logSettingsSchema.parse({ mode }))
  const wrapped = Array.from({ length: WRAPPED }, (_, at) => {
    const { timestamp, raw } = author.sign(at)
    const message = wrapStreamMessage(author.part, timestamp, raw)
    return { localHash: mvdsMessageId(message), message: encodeMvdsMessage(message) }
  })
  const blocks = new Map<string, Uint8Array>()
  let open: OpenEntry[] = []
  let tail: Address | null = null
  let head: Uint8Array = new Uint8Array(0)
  for (let from = 0; from < messages; from += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, messages - from) }, (_, at): OpenEntry => {
      const { localHash, message } = wrapped[(from + at) % WRAPPED] ?? NOTHING
      return { number: from + at + 1, localHash, remoteHash: null, message }
    })
    const plan = planPages([...open, ...entries], tail, layout)
    const isNeeded = from >= messages - KEPT_MESSAGES
    for (const content of isNeeded ? [...plan.messages, ...plan.pages.map((page) => page.content)] : []) {
      blocks.set(formatAddress(addressOf(content)), content)
    }
    open = plan.open
    tail = plan.pages.at(-1)?.address ?? tail
    head = encodeHead({ ...plan.head, cas: [] })
  }
  return { head, blocks }
}

/** Head first, then page by page, and the messages a page maps all at once. */
function learnNewest(head: Uint8Array, blocks: ReadonlyMap<string, Uint8Array>): Cost {
  const cost: Cost = { roundTrips: 1, requests: 1, bytes: head.length }
  const get = (address: Address): Uint8Array => {
    const block = blocks.get(formatAddress(address))
    if (block === undefined) throw new Error('The bench kept too few blocks.')
    cost.requests += 1
    cost.bytes += block.length
    return block
  }
  let left = NEWEST
  let page: Page = decodeHead(head)
  let mappedRounds = 0
  for (;;) {
    const pairs = page.pairs.slice(0, left)
    const mapped = pairs.filter(({ data }) => data === null)
    for (const { remoteHash } of mapped) if (remoteHash !== null) get(remoteHash)
    // Fetched beside the page before, so that only the last of these rounds is waited for.
    mappedRounds = mapped.length > 0 ? 1 : 0
    left -= pairs.length
    if (left === 0 || page.tail === null) break
    page = decodePage(get(page.tail))
    cost.roundTrips += 1
  }
  cost.roundTrips += mappedRounds
  return cost
}
