import { access, constants, mkdir } from 'node:fs/promises'
import type { EnvironmentName } from '../../shared/environment.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { loadOrCreateNodeKey } from '../keys/node-key.ts'
import type { Sealer } from '../keys/sealer.ts'
import type { ChosenDatabase } from '../node/database-desk.ts'
import type { Logger } from '../node/ports.ts'
import { type StorageNode, startStorageNode } from '../node/storage-node.ts'
import { productVersion } from './version.ts'

export interface OpenStorageNodeOptions {
  dataDir: string
  /** To be used from now on with this data folder; what was chosen for it before without. */
  environment?: EnvironmentName | undefined
  /** Where messages are kept, to be used from now on; what was chosen before without. */
  database?: ChosenDatabase | undefined
  logger: Logger
  /** How the node's key is kept: the system's key store in the desktop, a file only its user can read elsewhere. */
  sealer: Sealer
  signal: AbortSignal
}

async function prepareDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await access(dataDir, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new TidemarkError(
      'data-folder-unusable',
      `The data folder ${dataDir} cannot be made or written to.`,
      'Check its permissions and that its disk is there, or name another with --data.',
      { cause },
    )
  }
}

/** Starts the node on a data folder, the same for every host. */
export async function openStorageNode({
  dataDir,
  environment,
  database,
  logger,
  sealer,
  signal,
}: OpenStorageNodeOptions): Promise<StorageNode> {
  await prepareDataFolder(dataDir)
  return startStorageNode({
    dataDir,
    environment,
    database,
    async loadPrivateKey() {
      const key = await loadOrCreateNodeKey({ dataDir, sealer })
      const { address, protection } = key
      if (key.created) logger.info({ address, protection }, 'made the node’s key')
      if (key.note !== null) logger.warn({ address, protection }, key.note)
      return key.reveal()
    },
    secretBox: sealer,
    version: productVersion(),
    clock: Date,
    logger,
    signal,
  })
}
