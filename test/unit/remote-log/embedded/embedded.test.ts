import { join } from 'node:path'
import {
  CONTENT_STORE_MIGRATIONS,
  createEmbeddedContentStore,
} from '../../../../electron/node/remote-log/embedded/content-store.ts'
import {
  createEmbeddedNameSystem,
  NAME_SYSTEM_MIGRATIONS,
} from '../../../../electron/node/remote-log/embedded/name-system.ts'
import { describeContentStore } from '../content-store-conformance.ts'
import { describeNameSystem } from '../name-system-conformance.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'

describeContentStore('a folder that two nodes can read', async () => {
  const path = join(await temporaryFolder(), 'content.db')
  const database = await databaseHost().open(path, CONTENT_STORE_MIGRATIONS)
  const otherDatabase = await databaseHost().open(path, CONTENT_STORE_MIGRATIONS)
  return {
    store: createEmbeddedContentStore({ database }),
    other: createEmbeddedContentStore({ database: otherDatabase }),
    corrupt: async (address, content) => {
      await database.write([
        { sql: 'UPDATE block SET content = ? WHERE address = ?', rows: [[content, address]] },
      ])
    },
  }
})

describeNameSystem('a folder that two nodes can read', async () => {
  const path = join(await temporaryFolder(), 'names.db')
  let names = 0
  return {
    names: createEmbeddedNameSystem({ database: await databaseHost().open(path, NAME_SYSTEM_MIGRATIONS) }),
    other: createEmbeddedNameSystem({ database: await databaseHost().open(path, NAME_SYSTEM_MIGRATIONS) }),
    freshName: async () => {
      names += 1
      return `stream/${names}`
    },
  }
})
