import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { TidemarkError } from '../../../../shared/errors.ts'
import { writeFileAtomically } from '../../../files/atomic-file.ts'
import { readOwnerFile } from './owner-file.ts'

/**
 * The node's libp2p key, made at first use and kept in a file that only its owner may read. It names the node to
 * its peers; what it may speak for is said by the node's Streamr key (see `vouch.ts`).
 *
 * @throws TidemarkError `data-folder-unusable` when the file is there and holds no key.
 */
export async function loadOrCreatePeerKey(path: string): Promise<PrivateKey> {
  const kept = await readOwnerFile(path)
  if (kept !== undefined) return readKey(kept, path)
  const key = await generateKeyPair('Ed25519')
  await writeFileAtomically(path, privateKeyToProtobuf(key))
  return key
}

function readKey(bytes: Uint8Array, path: string): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes)
  } catch (error) {
    throw new TidemarkError(
      'data-folder-unusable',
      `The file ${path} does not hold the key by which other nodes know this one.`,
      'Put it back from a backup, or delete it: this node then appears to others under a new name.',
      { cause: error },
    )
  }
}
