import { join } from 'node:path'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { messageStoreConformance } from './conformance.ts'
import { recordingLogger, temporaryFolder } from './store-folder.ts'

messageStoreConformance('the SQLite store', async () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'messages.sqlite')
  const store = await openSqliteStore({
    file,
    logger: recordingLogger(),
    clock: { now: () => Date.now() },
  })
  return {
    store,
    location: { engine: 'sqlite', file },
    dispose: async () => {
      await store.close()
      folder.remove()
    },
  }
})
