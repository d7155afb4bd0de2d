import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type CustomNetwork,
  customNetworkInput,
  type EnvironmentName,
  environmentInput,
  rpcUrlsInput,
} from '../../shared/environment.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { openSettingsFile, type SettingsFile } from './settings-file.ts'

export const ENVIRONMENT_FILE = 'environment.json'
const ENVIRONMENTS_FOLDER = 'environments'
/** Digits of the contracts’ hash in a folder’s name: enough to tell a user’s few networks apart. */
const FOLDER_HASH_DIGITS = 12

const choiceSchema = z.strictObject({
  version: z.literal(1),
  environment: environmentInput.default('local'),
  /** The user’s own endpoints in place of an environment’s usual ones. */
  rpcUrls: z.partialRecord(environmentInput, rpcUrlsInput).default({}),
  custom: customNetworkInput.nullable().default(null),
})

export type EnvironmentChoice = z.infer<typeof choiceSchema>

/**
 * Which environment the data folder is used with. It is read once, at the start of a node.
 * @param chosen to be used from now on, as the command line can say
 * @throws TidemarkError `config-invalid` for a broken file, or a custom environment that is not described
 */
export async function openEnvironmentChoice(
  dataDir: string,
  chosen?: EnvironmentName,
): Promise<SettingsFile<EnvironmentChoice>> {
  const path = join(dataDir, ENVIRONMENT_FILE)
  const file = await openSettingsFile(path, choiceSchema, { version: 1 })
  const { environment, custom } = file.current
  if ((chosen ?? environment) === 'custom' && custom === null) {
    throw new TidemarkError(
      'config-invalid',
      'The environment “custom” is chosen and not described.',
      `Describe it under “custom” in ${path}, or choose another environment.`,
    )
  }
  if (chosen !== undefined && (chosen !== environment || !file.exists))
    await file.update((now) => ({ ...now, environment: chosen }))
  return file
}

/** Networks with the same contracts on the same chain are one, whatever endpoints they are reached by. */
function customFolder({ chainId, contracts }: CustomNetwork): string {
  const named = [contracts.streamRegistry, contracts.streamStorageRegistry, contracts.storageNodeRegistry]
  const digest = createHash('sha256').update(named.join(' ')).digest('hex')
  return `custom-${chainId}-${digest.slice(0, FOLDER_HASH_DIGITS)}`
}

/**
 * The folder of everything that belongs to an environment: messages, registry index, subscriptions. Environments never
 * share it, so switching loses nothing and mixes nothing. The local network has the data folder itself, as it had
 * before there were others: nothing of theirs has to move.
 */
export async function environmentFolder(
  dataDir: string,
  environment: EnvironmentName,
  custom: CustomNetwork | null,
): Promise<string> {
  if (environment === 'local') return dataDir
  const name = environment === 'custom' && custom !== null ? customFolder(custom) : environment
  const folder = join(dataDir, ENVIRONMENTS_FOLDER, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** The folder of the environment that is chosen for a data folder, for commands that run without a node. */
export async function chosenFolder(dataDir: string): Promise<string> {
  const { current } = await openEnvironmentChoice(dataDir)
  return environmentFolder(dataDir, current.environment, current.custom)
}
