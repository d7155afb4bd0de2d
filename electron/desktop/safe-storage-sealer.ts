import { createFileModeSealer, type Sealer } from '../keys/sealer.ts'
import type { ElectronApi } from './electron-api.ts'

const NO_KEY_STORE =
  'No key store of this system could be reached, so the node’s key is protected by its file’s mode alone.'

/**
 * Seals with the key store of the user's system account: Keychain, DPAPI, libsecret or KWallet. Where there is
 * none, Electron would "encrypt" with a password that stands in its source; that would only look like protection,
 * so the file's mode is used instead and the note says so. Called after the app is ready.
 */
export async function createSafeStorageSealer(
  electron: Pick<ElectronApi, 'safeStorage'>,
  platform: NodeJS.Platform,
): Promise<Sealer> {
  const { safeStorage } = electron
  const isAvailable = await safeStorage.isAsyncEncryptionAvailable()
  const isPretence = platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text'
  if (!isAvailable || isPretence) return createFileModeSealer(NO_KEY_STORE)
  return {
    protection: 'system-key-store',
    note: null,
    // It takes text alone; hex keeps the bytes as they are.
    seal: (key) => safeStorage.encryptStringAsync(Buffer.from(key).toString('hex')),
    async open(sealed) {
      const { result } = await safeStorage.decryptStringAsync(Buffer.from(sealed))
      return Uint8Array.from(Buffer.from(result, 'hex'))
    },
  }
}
