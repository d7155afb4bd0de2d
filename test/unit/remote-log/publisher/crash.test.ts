import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import type { ContentStore, NameSystem } from '../../../../electron/node/remote-log/ports.ts'
import { LOG_MODES } from '../../../../electron/node/remote-log/publisher/layout.ts'
import { createLogPublisher } from '../../../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../../../electron/node/remote-log/publisher/published-log.ts'
import { createMemoryBackend } from '../memory-backend.ts'
import { createMemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'
import { walkLog } from '../walk-log.ts'

const CRASHES = 100
const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Lets so many calls through, then is gone: the last call may or may not have been carried out. */
function createCrash(calls: number, isLastCarriedOut: boolean) {
  let left = calls
  return async <T>(call: () => Promise<T>): Promise<T> => {
    left -= 1
    if (left > 0) return call()
    if (left === 0 && isLastCarriedOut) await call()
    throw new Error('crashed')
  }
}

type Guard = ReturnType<typeof createCrash>

const guardDatabase = (database: Database, guard: Guard): Database => ({
  ...database,
  write: (statements) => guard(() => database.write(statements)),
})
const guardContent = (content: ContentStore, guard: Guard): ContentStore => ({
  ...content,
  add: (bytes, options) => guard(() => content.add(bytes, options)),
})
const guardNames = (names: NameSystem, guard: Guard): NameSystem => ({
  ...names,
  update: (name, head, options) => guard(() => names.update(name, head, options)),
})

describe('a publisher that crashes', () => {
  it(`leaves a readable log, ${CRASHES} times at any point, and no block is lost or orphaned in the end`, async () => {
    const database = await databaseHost().open(
      join(await temporaryFolder(), 'published.db'),
      PUBLISHER_MIGRATIONS,
    )
    let crashed = 0
    let logs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...LOG_MODES),
        fc.array(
          fc.record({
            messages: fc.integer({ min: 0, max: 25 }),
            calls: fc.integer({ min: 1, max: 60 }),
            isLastCarriedOut: fc.boolean(),
          }),
          { minLength: 4, maxLength: 4 },
        ),
        async (mode, lives) => {
          logs += 1
          const name = `log-${logs}`
          const backend = createMemoryBackend()
          const source = createMemorySource()
          const publish = (guard: Guard) =>
            createLogPublisher({
              name,
              part: author.part,
              settings: { mode, pageSize: 7, embedNewest: 3 },
              source,
              content: guardContent(backend.content, guard),
              names: guardNames(backend.names, guard),
              database: guardDatabase(database, guard),
              clock: { now: () => 0 },
              logger: quietLogger,
            }).then((publisher) => publisher.publish())
          const expected = () => source.entries.map(({ raw }) => hex(raw))
          let longest = 0
          for (const { messages, calls, isLastCarriedOut } of lives) {
            source.push(
              ...Array.from({ length: messages }, (_, at) => author.sign(source.entries.length + at)),
            )
            await publish(createCrash(calls, isLastCarriedOut)).catch((error: Error) => {
              if (error.message !== 'crashed') throw error
              crashed += 1
            })
            const { bodies } = walkLog(backend, name)
            expect(bodies).toEqual(expected().slice(0, bodies.length))
            expect(bodies.length).toBeGreaterThanOrEqual(longest)
            longest = bodies.length
          }
          await publish((call) => call())
          const { bodies, reached } = walkLog(backend, name)
          expect(bodies).toEqual(expected())
          expect([...backend.blocks.keys()].filter((address) => !reached.has(address))).toEqual([])
        },
      ),
      { numRuns: CRASHES },
    )
    expect(crashed).toBeGreaterThanOrEqual(CRASHES)
  })
})
