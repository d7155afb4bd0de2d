import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, formatAddress } from '../../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES, PAGE_TARGET_BYTES } from '../../../../electron/node/remote-log/bounds.ts'
import {
  LOG_MODES,
  layoutOf,
  logSettingsSchema,
} from '../../../../electron/node/remote-log/publisher/layout.ts'
import { type OpenEntry, planPages } from '../../../../electron/node/remote-log/publisher/plan.ts'
import { decodePage, encodePage, type Pair } from '../../../../electron/node/remote-log/wire/page.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function entry(number: number, sizeBytes = 40): OpenEntry {
  const message = new Uint8Array(sizeBytes)
  message.set(Buffer.from(`message ${number}`))
  return { number, localHash: createHash('sha256').update(message).digest(), remoteHash: null, message }
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => entry(from + at))
const isEmbedded = ({ data }: Pair) => data !== null
const isMapped = ({ remoteHash, data }: Pair) => remoteHash !== null && data === null

describe('the layout of a log', () => {
  it('embeds everything in mode full', () => {
    const plan = planPages(range(1, 25), null, layoutOf({ mode: 'full', pageSize: 10, embedNewest: 1 }))
    expect(plan.pages.map(({ content }) => decodePage(content).pairs.length)).toEqual([10, 10])
    expect(plan.pages.every(({ content }) => decodePage(content).pairs.every(isEmbedded))).toBe(true)
    expect(plan.head.pairs).toHaveLength(5)
    expect(plan.head.pairs.every(isEmbedded)).toBe(true)
    expect(plan.messages).toEqual([])
  })

  it('maps everything in mode mapped', () => {
    const plan = planPages(range(1, 25), null, layoutOf({ mode: 'mapped', pageSize: 10, embedNewest: 1 }))
    expect(plan.pages).toHaveLength(2)
    expect(
      [...plan.head.pairs, ...plan.pages.flatMap(({ content }) => decodePage(content).pairs)].every(isMapped),
    ).toBe(true)
    expect(plan.messages).toHaveLength(25)
  })

  it('has one message a page in mode linked', () => {
    const plan = planPages(range(1, 5), null, layoutOf({ mode: 'linked', pageSize: 10, embedNewest: 1 }))
    expect(plan.pages.map(({ content }) => decodePage(content).pairs.length)).toEqual([1, 1, 1, 1])
    expect(plan.head.pairs).toHaveLength(1)
  })

  it('embeds the newest k and maps the rest in mode mixed, over a page being closed too', () => {
    for (let count = 1; count < 40; count += 1) {
      const plan = planPages(range(1, count), null, layoutOf({ mode: 'mixed', pageSize: 10, embedNewest: 3 }))
      expect(plan.head.pairs.map(isEmbedded)).toEqual(plan.head.pairs.map((_, at) => at < 3))
      expect(plan.head.pairs.length).toBeGreaterThanOrEqual(Math.min(count, 3))
      expect(plan.head.pairs.length).toBeLessThanOrEqual(13)
    }
  })

  it('closes pages of embedded messages by size as well', () => {
    const entries = Array.from({ length: 12 }, (_, at) => entry(at + 1, 200_000))
    const plan = planPages(entries, null, layoutOf({ mode: 'full', pageSize: 100, embedNewest: 1 }))
    for (const { content } of plan.pages) expect(content.length).toBeLessThan(PAGE_TARGET_BYTES + 1_000)
    expect(encodePage(plan.head).length).toBeLessThan(PAGE_TARGET_BYTES + 1_000)
  })

  it('never makes a block that is too large, whatever the messages', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.integer({ min: 30, max: 2_000 }), fc.integer({ min: 400_000, max: 1_048_700 })),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.constantFrom(...LOG_MODES),
        (sizes, mode) => {
          const entries = sizes.map((size, at) => entry(at + 1, size))
          const plan = planPages(entries, null, layoutOf({ mode, pageSize: 4, embedNewest: 3 }))
          for (const content of [
            ...plan.messages,
            ...plan.pages.map((page) => page.content),
            encodePage(plan.head),
          ]) {
            expect(content.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('names every message once, in order, and uploads what it maps once, however it grows and changes', () => {
    const settings = fc.record({
      mode: fc.constantFrom(...LOG_MODES),
      pageSize: fc.integer({ min: 1, max: 7 }),
      embedNewest: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(
        fc.array(fc.record({ settings, count: fc.integer({ min: 0, max: 20 }) }), { maxLength: 8 }),
        (steps) => {
          const uploads: string[] = []
          const pages = new Map<string, Uint8Array>()
          let open: OpenEntry[] = []
          let tail: Uint8Array | null = null
          let head: ReturnType<typeof planPages>['head'] | null = null
          let count = 0
          for (const step of steps) {
            const added = range(count + 1, step.count)
            count += step.count
            if (open.length + added.length === 0) continue
            const plan: ReturnType<typeof planPages> = planPages(
              [...open, ...added],
              tail,
              layoutOf(step.settings),
            )
            uploads.push(...plan.messages.map((message) => formatAddress(addressOf(message))))
            for (const page of plan.pages) pages.set(formatAddress(page.address), page.content)
            tail = plan.pages.at(-1)?.address ?? tail
            open = plan.open
            head = plan.head
          }
          expect(new Set(uploads).size).toBe(uploads.length)
          const named: string[] = []
          for (
            let page = head;
            page !== null;
            page =
              page.tail === null ? null : decodePage(pages.get(formatAddress(page.tail)) ?? new Uint8Array(0))
          ) {
            for (const { localHash, remoteHash, data } of page.pairs) {
              named.push(hex(localHash))
              if (data === null) expect(uploads).toContain(formatAddress(remoteHash ?? new Uint8Array(0)))
            }
          }
          expect(named.reverse()).toEqual(range(1, count).map(({ localHash }) => hex(localHash)))
        },
      ),
    )
  })
})

describe('the settings of a log', () => {
  it('have defaults', () => {
    expect(logSettingsSchema.parse({})).toEqual({ mode: 'mixed', pageSize: 512, embedNewest: 16 })
  })

  it('refuse pages a reader would refuse', () => {
    expect(logSettingsSchema.safeParse({ pageSize: 5_000 }).success).toBe(false)
    expect(logSettingsSchema.safeParse({ pageSize: 0 }).success).toBe(false)
  })
})
