import { join } from 'node:path'
import { TidemarkError } from '../../shared/errors.ts'
import { createKeyFile, damaged, type KeyFile, readKeyFile } from './key-file.ts'
import { PrivateKey } from './private-key.ts'
import { createFileModeSealer, type KeyProtection, type Sealer } from './sealer.ts'

export const KEY_FILE = 'node-key.json'

export interface NodeKey {
  /** The node's Streamr address, lower-case 0x hex. */
  address: string
  /** The private key as 0x hex, for the signer alone. */
  reveal(): string
  protection: KeyProtection
  /** A sentence for the user when the key is less protected than it could be. */
  note: string | null
  /** The key was made just now. */
  created: boolean
}

/**
 * Loads the node's key from the data folder, or makes one at first run. A key file that cannot be used is never
 * overwritten.
 * @throws TidemarkError `key-exposed`, `key-damaged` or `key-sealed-elsewhere`.
 */
export async function loadOrCreateNodeKey(options: { dataDir: string; sealer: Sealer }): Promise<NodeKey> {
  const { dataDir, sealer } = options
  const path = join(dataDir, KEY_FILE)
  const existing = await readKeyFile(path)
  if (existing !== null) return load(path, existing, sealer)
  const key = PrivateKey.random()
  const bytes = key.revealBytes()
  const sealed = await sealer.seal(bytes)
  bytes.fill(0)
  try {
    await createKeyFile(path, {
      version: 1,
      protection: sealer.protection,
      address: key.address,
      key: Buffer.from(sealed).toString('base64'),
    })
  } catch (error) {
    // Another process made one between our look and our write: its key is the node's.
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readKeyFile(path) : null
    if (theirs === null) throw error
    return load(path, theirs, sealer)
  }
  return nodeKey(key, { protection: sealer.protection, note: sealer.note, created: true })
}

function nodeKey(key: PrivateKey, facts: Pick<NodeKey, 'protection' | 'note' | 'created'>): NodeKey {
  return { address: key.address, reveal: () => key.reveal(), ...facts }
}

async function load(path: string, file: KeyFile, sealer: Sealer): Promise<NodeKey> {
  const bytes = await openerFor(path, file, sealer)
    .open(Buffer.from(file.key, 'base64'))
    .catch((cause: unknown) => {
      throw sealedElsewhere(path, 'could not be opened by the system’s key store', { cause })
    })
  const key = keyOf(path, bytes)
  bytes.fill(0)
  if (key.address !== file.address) throw damaged(path)
  return nodeKey(key, { protection: file.protection, note: noteFor(file, sealer), created: false })
}

/**
 * A key that only its file's mode protects is used by every host of the node. One in the system's key store is for
 * the desktop window alone.
 */
function openerFor(path: string, file: KeyFile, sealer: Sealer): Sealer {
  if (file.protection === sealer.protection) return sealer
  if (file.protection === 'file-mode') return createFileModeSealer()
  throw sealedElsewhere(path, 'is sealed by the system’s key store, which cannot be reached from here')
}

function noteFor(file: KeyFile, sealer: Sealer): string | null {
  if (file.protection === sealer.protection) return sealer.note
  return 'The node’s key was made without the desktop window and is protected by its file’s mode alone.'
}

function keyOf(path: string, bytes: Uint8Array): PrivateKey {
  try {
    return new PrivateKey(bytes)
  } catch {
    throw damaged(path)
  }
}

function sealedElsewhere(path: string, what: string, options?: ErrorOptions): TidemarkError {
  return new TidemarkError(
    'key-sealed-elsewhere',
    `The node’s private key in ${path} ${what}.`,
    'Start Tidemark’s desktop window under the system account that made the key, with its key store unlocked. Or give another data folder with --data DIR.',
    options,
  )
}
