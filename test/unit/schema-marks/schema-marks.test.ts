import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MessageStore } from '../../../electron/node/ports.ts'
import { createMarkMethods, type MarkMethods } from '../../../electron/node/schema-marks/mark-methods.ts'
import {
  createSchemaMarks,
  type MarkThread,
  type SchemaMarks,
} from '../../../electron/node/schema-marks/schema-marks.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { openStoredContents } from '../../../electron/node/stored-contents.ts'
import { recordingLogger, temporaryFolder } from '../store/store-folder.ts'
import { EPOCH, PART, STREAM, syntheticMessage } from '../store/synthetic-messages.ts'

const UP_TO_TEN = { properties: { load: { maximum: 10 } } }
const WAIT = { timeout: 20_000, interval: 50 }

// Each opens a store with its threads: on a machine that is busy with other tests that takes seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: ReturnType<typeof temporaryFolder>
let store: MessageStore
let marks: SchemaMarks
let schema: unknown
let threads: number
let schemaChanges: number
let changed: [string, number, number][]
let restart: () => void
let isThreadAway: boolean

/** The real methods on this thread. */
function threadOf(file: string): MarkThread {
  const methods = createMarkMethods({
    file: join(folder.path, 'schema-marks.sqlite'),
    source: openStoredContents({ engine: 'sqlite', file }),
  })
  return {
    call: async (name, ...args) => {
      if (isThreadAway && name === 'counts') throw new Error('away')
      return (methods[name] as (...given: typeof args) => ReturnType<MarkMethods[typeof name]>)(...args)
    },
    close: async () => undefined,
  }
}

beforeEach(async () => {
  folder = temporaryFolder()
  const file = join(folder.path, 'messages.sqlite')
  store = await openSqliteStore({ file, logger: recordingLogger(), clock: { now: () => Date.now() } })
  schema = undefined
  threads = 0
  schemaChanges = 0
  isThreadAway = false
  changed = []
  marks = createSchemaMarks({
    startThread(onRestart) {
      threads += 1
      restart = onRestart
      return threadOf(file)
    },
    store,
    schemaOf: async (streamId) => (streamId === STREAM ? schema : undefined),
    onChange: (...stretch) => changed.push(stretch),
    onSchemaChange: () => void schemaChanges++,
    clock: { now: () => Date.now() },
    logger: recordingLogger(),
  })
  store.onStored((notices) => {
    for (const notice of notices) marks.stored(notice)
  })
  await store.append([
    syntheticMessage({ content: { load: 1 } }),
    syntheticMessage({ at: 1_000, content: { load: 11 } }),
    syntheticMessage({ at: 1_500, content: { load: 4 } }),
  ])
})
afterEach(async () => {
  await marks.stop()
  await store.close()
  folder.remove()
})

const broken = () =>
  vi
    .waitFor(() => expect(marks.ofPart(PART)?.isComplete).toBe(true), WAIT)
    .then(() => marks.ofPart(PART)?.broken)
const timeline = async () => {
  const { buckets } = await marks.addTo(await store.timeline(PART, EPOCH, EPOCH + 9_000, 100))
  return buckets.map(({ from, notBySchema }) => [from - EPOCH, notBySchema])
}

describe('counts of what a schema does not allow', () => {
  it('cost a node nothing whose streams have no schema, or one that nothing can be held to', async () => {
    schema = { properties: { load: { pattern: '(a+)+$' } } }
    await marks.start()
    await vi.waitFor(() => expect(marks.ofPart(PART)).toBeNull(), WAIT)
    expect([threads, await timeline()]).toEqual([
      0,
      [
        [0, undefined],
        [1_000, undefined],
      ],
    ])
  })

  it('stand in the timeline, and are told of where they change', async () => {
    schema = UP_TO_TEN
    await marks.start()
    expect(await broken()).toBe(1)
    expect(await timeline()).toEqual([
      [0, undefined],
      [1_000, 1],
    ])
    expect(changed).toHaveLength(1)
    await store.append([syntheticMessage({ at: 5_000, content: { load: 12 } })])
    await vi.waitFor(() => expect(marks.ofPart(PART)?.broken).toBe(2), WAIT)
    const [part, from, to] = changed[1] ?? ['', 0, 0]
    expect([part, from <= EPOCH + 5_000, to >= EPOCH + 5_000]).toEqual([PART, true, true])
    // Never more than there are messages, whatever was removed since.
    const window = await store.timeline(PART, EPOCH + 5_000, EPOCH + 5_999, 1)
    const emptied = { ...window, buckets: window.buckets.map((bucket) => ({ ...bucket, count: 0 })) }
    expect((await marks.addTo(emptied)).buckets[0]?.notBySchema).toBeUndefined()
  })

  it('follow the schema as it stands now, and go on when their thread was started again', async () => {
    schema = UP_TO_TEN
    await marks.start()
    expect(await broken()).toBe(1)
    schema = { properties: { load: { maximum: 3 } } }
    marks.streamChanged(STREAM)
    await vi.waitFor(() => expect(marks.ofPart(PART)?.broken).toBe(2), WAIT)
    // Once, not for the first one that was read.
    expect(schemaChanges).toBe(1)
    restart()
    await store.append([syntheticMessage({ at: 7_000, content: { load: 12 } })])
    await vi.waitFor(() => expect(marks.ofPart(PART)?.broken).toBe(3), WAIT)
    schema = undefined
    marks.streamChanged(STREAM)
    await vi.waitFor(() => expect(marks.ofPart(PART)).toBeNull(), WAIT)
  })

  it('are left out of a timeline while their thread is away, which is told as soon as it is back', async () => {
    schema = UP_TO_TEN
    await marks.start()
    expect(await broken()).toBe(1)
    isThreadAway = true
    expect(await timeline()).toEqual([
      [0, undefined],
      [1_000, undefined],
    ])
    isThreadAway = false
    await vi.waitFor(() => expect(changed.at(-1)).toEqual([PART, 0, expect.any(Number)]), WAIT)
    expect(await timeline()).toContainEqual([1_000, 1])
  })

  it('are begun anew where their file is damaged', async () => {
    writeFileSync(
      join(folder.path, 'schema-marks.sqlite'),
      'no database at all, and longer than a header of one is'.repeat(9),
    )
    schema = UP_TO_TEN
    await marks.start()
    expect(await broken()).toBe(1)
  })
})
