/**
 * Publishes the first messages of a test publisher, one life of many: `publishing-child.ts FOLDER COUNT MODE`. Says
 * `begin` when everything is open, and `done` when the name leads to all of them; it is meant to be killed between.
 */
import { join } from 'node:path'
import { createDatabaseHost } from '../../electron/node/remote-log/database/database.ts'
import {
  CONTENT_STORE_MIGRATIONS,
  createEmbeddedContentStore,
} from '../../electron/node/remote-log/embedded/content-store.ts'
import {
  createEmbeddedNameSystem,
  NAME_SYSTEM_MIGRATIONS,
} from '../../electron/node/remote-log/embedded/name-system.ts'
import { logSettingsSchema } from '../../electron/node/remote-log/publisher/layout.ts'
import { createLogPublisher } from '../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../electron/node/remote-log/publisher/published-log.ts'
import { createMemorySource } from '../unit/remote-log/memory-source.ts'
import { quietLogger } from '../unit/remote-log/quiet-logger.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'

const [folder = '', count = '0', mode] = process.argv.slice(2)
const author = createTestPublisher()
const source = createMemorySource()
source.push(...Array.from({ length: Number(count) }, (_, at) => author.sign(at)))
const databases = createDatabaseHost()
const [content, names, database] = await Promise.all([
  databases.open(join(folder, 'content.sqlite'), CONTENT_STORE_MIGRATIONS),
  databases.open(join(folder, 'names.sqlite'), NAME_SYSTEM_MIGRATIONS),
  databases.open(join(folder, 'published.sqlite'), PUBLISHER_MIGRATIONS),
])
const publisher = await createLogPublisher({
  ...{ name: 'log', part: author.part, source, database, clock: Date, logger: quietLogger },
  settings: logSettingsSchema.parse({ mode, pageSize: 5, embedNewest: 3 }),
  content: createEmbeddedContentStore({ database: content }),
  names: createEmbeddedNameSystem({ database: names }),
})
process.stdout.write('begin\n')
const { messages } = await publisher.publish()
process.stdout.write(`done ${messages}\n`)
await databases.close()
