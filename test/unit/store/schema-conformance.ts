import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LISTED_VERDICTS } from '../../../electron/node/held-messages.ts'
import type { MessageStore, StoredNotice, VerifiedMessage } from '../../../electron/node/ports.ts'
import { ReadRow } from '../../../electron/node/rows/read-row.ts'
import { createRowFilter } from '../../../electron/node/rows/row-filter.ts'
import { createMarkMethods, type MarkMethods } from '../../../electron/node/schema-marks/mark-methods.ts'
import type { ContentSource } from '../../../electron/node/schema-marks/ports.ts'
import type { StoreLocation } from '../../../electron/node/store/reader-connection.ts'
import { openStoredContents } from '../../../electron/node/stored-contents.ts'
import { temporaryFolder } from './store-folder.ts'
import { EPOCH, PART, syntheticMessage } from './synthetic-messages.ts'

const SCHEMA = { type: 'object', properties: { load: { type: 'number', maximum: 10 } } }
const STRICTER = { type: 'object', properties: { load: { type: 'number', maximum: 5 } } }
const DAY = 86_400_000

/** Messages over some days, every third of them with a load that the schema does not allow. */
function someMessages(count: number, everyMs: number): VerifiedMessage[] {
  return Array.from({ length: count }, (_, at) =>
    syntheticMessage({ at: at * everyMs, content: { load: at % 3 === 0 ? 11 : at % 11 } }),
  )
}

/** What of stored messages schemas do not allow, counted on any engine as the list of messages finds it. */
export function schemaConformance(store: () => MessageStore, location: () => StoreLocation): void {
  describe('messages against the schema of their stream', () => {
    let folder: ReturnType<typeof temporaryFolder>
    let marks: MarkMethods
    let reads: { from: number; to: number }[]

    function open(): void {
      reads = []
      const source = openStoredContents(location())
      const watched: ContentSource = {
        ...source,
        read(range) {
          if (range.cursor === null) reads.push({ from: range.from, to: range.to })
          return source.read(range)
        },
      }
      marks = createMarkMethods({ file: join(folder.path, 'schema-marks.sqlite'), source: watched })
    }
    beforeEach(() => {
      folder = temporaryFolder()
      open()
    })
    afterEach(() => {
      marks.close()
      folder.remove()
    })

    /** Works until nothing is left to do. */
    function settle(notices: readonly StoredNotice[] = []) {
      marks.touch(
        notices.map(({ part, firstTimestamp, lastTimestamp }) => ({
          ...{ part, isOpened: false },
          from: firstTimestamp,
          to: lastTimestamp,
        })),
      )
      for (;;) {
        const report = marks.step()
        if (report.isIdle) return report.counts[0]
      }
    }
    const add = async (messages: readonly VerifiedMessage[]) => settle((await store().append(messages)).parts)

    /** Those that the list shows when it is asked for them. */
    async function listed(schema: object): Promise<number[]> {
      const isFound = createRowFilter({ marks: { stored: [], schema } })
      const times: number[] = []
      for await (const batch of store().query({ part: PART, verdicts: LISTED_VERDICTS })) {
        for (const message of batch) if (isFound(new ReadRow(message))) times.push(message.id.timestamp)
      }
      return times
    }

    async function expectCounts(schema: object): Promise<void> {
      const times = await listed(schema)
      expect(settle()).toEqual({ part: PART, broken: times.length, isComplete: true })
      for (const bucketMs of [1_000, 3_000, 60_000, 600_000, 3_600_000, DAY]) {
        const expected = new Map<number, number>()
        for (const time of times) {
          const from = Math.floor(time / bucketMs) * bucketMs
          expected.set(from, (expected.get(from) ?? 0) + 1)
        }
        expect(new Map(marks.counts(PART, EPOCH, EPOCH + 3 * DAY, bucketMs))).toEqual(expected)
      }
    }

    test('are counted by bucket, whatever their verdict, except those that nobody sent', async () => {
      marks.follow(PART, SCHEMA, 'one')
      await add(someMessages(300, 700_000))
      await add([
        syntheticMessage({ at: 1, verdict: 'unauthorised', content: { load: 12 } }),
        syntheticMessage({ at: 2, verdict: 'pending', content: { load: 12 } }),
        syntheticMessage({
          at: 3,
          verdict: 'pending',
          reason: 'signature-type-unsupported',
          content: { load: 12 },
        }),
        syntheticMessage({ at: 4, verdict: 'forged', content: { load: 12 } }),
        syntheticMessage({ at: 5, content: 'no object' }),
      ])
      await expectCounts(SCHEMA)
      expect(settle()?.broken).toBe(104)
      // Of what is not asked for nothing is told.
      expect(marks.counts('other#0', EPOCH, EPOCH + DAY, 1_000)).toEqual([])
      expect(marks.counts(PART, EPOCH + 700_000, EPOCH + 2_100_000 - 1_000, 1_000)).toEqual([])
    })

    test('are found of what comes late, and only what is new is read', async () => {
      marks.follow(PART, SCHEMA, 'one')
      const messages = someMessages(200, 1_000)
      await add(messages.filter((_, at) => at % 2 === 0))
      reads.length = 0
      await add([messages[51] as VerifiedMessage])
      expect(reads).toEqual([{ from: EPOCH + 51_000, to: EPOCH + 51_999 }])
      await add(messages.filter((_, at) => at % 2 === 1))
      await expectCounts(SCHEMA)
    })

    test('are not counted again after a restart, and found of what came meanwhile', async () => {
      marks.follow(PART, SCHEMA, 'one')
      await add(someMessages(100, 60_000))
      marks.close()
      await store().append([syntheticMessage({ at: 2 * DAY, content: { load: 99 } })])
      open()
      marks.follow(PART, SCHEMA, 'one')
      await expectCounts(SCHEMA)
      expect(reads).toEqual([{ from: EPOCH + 2 * DAY, to: EPOCH + 2 * DAY + 999 }])
    })

    test('are counted anew by another schema, and forgotten without one', async () => {
      marks.follow(PART, SCHEMA, 'one')
      await add(someMessages(100, 60_000))
      const before = settle()?.broken ?? 0
      marks.follow(PART, STRICTER, 'two')
      await expectCounts(STRICTER)
      expect(settle()?.broken).toBeGreaterThan(before)
      marks.follow(PART, null, '')
      expect([settle(), marks.counts(PART, EPOCH, EPOCH + DAY, DAY)]).toEqual([undefined, []])
    })

    test('that turn out to be forged count no more', async () => {
      marks.follow(PART, SCHEMA, 'one')
      const undecided = syntheticMessage({
        ...{ verdict: 'pending', reason: 'signature-type-unsupported' },
        content: { load: 12 },
      } as const)
      expect(await add([undecided])).toMatchObject({ broken: 1 })
      const { id, digest } = undecided
      const forged = { id, digest, verdict: 'forged', reason: 'signature-invalid' } as const
      expect(settle(await store().decide([forged]))).toMatchObject({ broken: 0 })
      await expectCounts(SCHEMA)
    })
  })
}
