import { hash, randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { TidemarkError } from '../../shared/errors.ts'
import {
  MAX_API_KEYS,
  type StorageHttpSettings,
  type StorageHttpView,
  type StoredApiKey,
} from '../../shared/storage-http.ts'
import type { ConfigurationFile } from './configuration.ts'

/** 256 bits: nobody finds one by trying. */
const KEY_BYTES = 32

/** The storage interface as the operator wants it. What is changed is used from the next start on. */
export interface StorageHttpDesk {
  /** As the node was started with. */
  readonly running: StorageHttpSettings & { readonly apiKeys: readonly StoredApiKey[] }
  view(): StorageHttpView
  change(settings: StorageHttpSettings): Promise<StorageHttpView>
  /** Answers the key, which is kept nowhere and cannot be had again. @throws TidemarkError `invalid-input` */
  addKey(name: string): Promise<string>
  removeKey(name: string): Promise<StorageHttpView>
}

export function createStorageHttpDesk(configuration: ConfigurationFile): StorageHttpDesk {
  const running = configuration.current.storageHttp
  const view = (): StorageHttpView => {
    const { apiKeys, ...settings } = configuration.current.storageHttp
    return {
      settings,
      apiKeys: apiKeys.map(({ name }) => name),
      needsRestart: !isDeepStrictEqual(configuration.current.storageHttp, running),
    }
  }
  return {
    running,
    view,
    async change(settings) {
      await configuration.update((now) => ({
        ...now,
        storageHttp: { ...settings, apiKeys: now.storageHttp.apiKeys },
      }))
      return view()
    },
    async addKey(name) {
      const { apiKeys } = configuration.current.storageHttp
      if (apiKeys.length >= MAX_API_KEYS || apiKeys.some((one) => one.name === name)) {
        throw new TidemarkError(
          'invalid-input',
          apiKeys.length >= MAX_API_KEYS
            ? `There are ${MAX_API_KEYS} keys already.`
            : `There is a key “${name}” already.`,
          'Remove one first, or choose another name.',
        )
      }
      const key = randomBytes(KEY_BYTES).toString('base64url')
      const added = { name, sha256: hash('sha256', key) }
      await configuration.update((now) => ({
        ...now,
        storageHttp: { ...now.storageHttp, apiKeys: [...now.storageHttp.apiKeys, added] },
      }))
      return key
    },
    async removeKey(name) {
      await configuration.update((now) => {
        const apiKeys = now.storageHttp.apiKeys.filter((one) => one.name !== name)
        return { ...now, storageHttp: { ...now.storageHttp, apiKeys } }
      })
      return view()
    },
  }
}
